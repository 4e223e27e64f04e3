extension Configuration {
    /// Reads the file and every file that it names. Paths in it are relative to its folder.
    public static func load(path: String) -> ConfigurationResult {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? SystemFileReader.currentFolder
        let files = SystemFileReader(folder: path.hasPrefix("/") || slash == nil ? folder : "\(SystemFileReader.currentFolder)/\(folder)")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        switch files.read(name, maximumBytes: TOMLDocument.maximumBytes) {
        case .failure(let problem):
            return .invalid([Problem(line: 1, "\(path) \(problem.sentence(maximumBytes: TOMLDocument.maximumBytes))")])
        case .success(let file):
            guard let text = String(validating: file.bytes, as: UTF8.self) else {
                return .invalid([Problem(line: 1, "\(path) is not UTF-8 text")])
            }
            return Reader.read(text, files: files, isReadableByAll: file.isReadableByAll)
        }
    }

    /// For tests and the demo: the text itself. `files` answers for every file that it names; the text
    /// counts as readable by its owner alone.
    public static func parse(_ text: String, files: any FileReader) -> ConfigurationResult {
        Reader.read(text, files: files, isReadableByAll: false)
    }
}
