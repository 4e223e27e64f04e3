/// Trailer fields (RFC 9110 §6.5) that a route lets through: whatever has a meaning of its own in a head,
/// for us, for a cache or for an application, may not come after the body, where nobody has looked at it.
enum TrailerFilter {
    /// Besides everything that `HeaderNames` knows: what RFC 9110 §6.5.1 names.
    private static let heads: Set<[UInt8]> = Set(
        [
            "authorization", "www-authenticate", "content-type", "content-encoding", "content-range", "content-location",
            "cache-control", "expires", "age", "vary", "pragma", "location", "retry-after", "date", "range", "if-match",
            "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "max-forwards", "origin", "referer",
            "x-http-method-override", "x-http-method", "x-method-override",
        ].map(HeaderNames.normalForm))

    /// Field lines that go on; empty where nothing does, or where the section is malformed. `section` is raw
    /// lines without the empty one. Uses `fields` as scratch.
    static func kept(of section: [UInt8], parser: FieldSectionParser, names: HeaderNames, fields: FieldList) -> [UInt8] {
        guard !section.isEmpty else { return [] }
        let whole = section + [0x0D, 0x0A]
        return whole.withUnsafeBytes { raw in
            let view = ByteView(raw)
            var summary = FieldSummary()
            guard parser.parse(view, from: 0, names: names, into: fields, summary: &summary) == nil else { return [] }
            var kept: [UInt8] = []
            for index in 0..<fields.count {
                let field = fields[index]
                guard field.kind == .other, !heads.contains(HeaderNames.normalForm(field.name(in: view).string)) else { continue }
                kept += view.slice(Int(field.nameStart), Int(field.lineEnd)).raw
            }
            return kept
        }
    }
}
