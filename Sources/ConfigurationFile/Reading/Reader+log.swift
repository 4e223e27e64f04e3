extension Reader {
    func log(_ section: Section<LogKey>) -> LogSettings {
        var settings = LogSettings()
        settings.access = section.word(.access, LogSettings.Access.self)?.value ?? settings.access
        if let sample = section.fraction(.sample) { settings.sample = sample }
        if section.has(.sample), settings.access != .sampled {
            section.error(.sample, "has no effect without access = \"sampled\": add it")
        }
        return settings
    }
}
