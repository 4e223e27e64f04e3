/// One extra header of a route: a name and a template. A header whose value comes out empty is not sent.
public struct RouteHeader: Hashable, Sendable {
    public enum Placeholder: String, Sendable, CaseIterable {
        case email, name
        /// The member's id.
        case member
        /// The organization's slug.
        case organization
        case organizationID = "organization_id"
        /// Role ids, comma-separated.
        case roles
        /// The IdP's groups, comma-separated.
        case groups
        /// The session's id (`sid` of assertions), not its token.
        case session
        /// The subject of the certificate that the client has shown; in a header of its own.
        case clientCertificateSubject = "client_certificate_subject"
    }

    public enum Part: Hashable, Sendable {
        case text(String)
        case placeholder(Placeholder)
    }

    /// A token (RFC 9110 §5.1), as written.
    public var name: String
    /// Texts are printable ASCII. Empty: the header is only removed from what clients send.
    public var template: [Part]

    public init(name: String, template: [Part]) {
        self.name = name
        self.template = template
    }
}

extension RouteHeader {
    static func parse(template text: String) -> Result<[Part], Advice> {
        TemplateText.pieces(text).flatMap { pieces in
            var parts: [Part] = []
            for piece in pieces {
                switch piece {
                case .text(let text):
                    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                        return .failure(Advice("text of a header must be printable ASCII"))
                    }
                    parts.append(.text(text))
                case .placeholder(let name):
                    guard let placeholder = Placeholder(rawValue: name) else {
                        let all = Placeholder.allCases.map(\.rawValue)
                        let hint = Nearest.suggestion(for: name, among: all)
                        return .failure(
                            Advice(
                                "`{\(name)}` is not a placeholder\(hint.isEmpty ? "." : hint) The placeholders are \(all.map { "{\($0)}" }.joined(separator: ", "))"
                            ))
                    }
                    parts.append(.placeholder(placeholder))
                }
            }
            let placeholders = parts.count { if case .placeholder = $0 { true } else { false } }
            if placeholders > 1, parts.contains(.placeholder(.clientCertificateSubject)) {
                return .failure(
                    Advice("`{client_certificate_subject}` stands in a header of its own: give the other placeholders another one"))
            }
            return .success(parts)
        }
    }
}

/// Text with `{name}` in it. There is no escape for braces: a header or claim that needs one is not in
/// the closed list of things that a template can say.
enum TemplateText {
    enum Piece: Equatable {
        case text(String)
        case placeholder(String)
    }

    static func pieces(_ text: String) -> Result<[Piece], Advice> {
        var pieces: [Piece] = [], rest = text[...]
        while !rest.isEmpty {
            let plain = rest.prefix { $0 != "{" && $0 != "}" }
            if !plain.isEmpty { pieces.append(.text(String(plain))) }
            rest = rest.dropFirst(plain.count)
            guard let brace = rest.first else { break }
            guard brace == "{", let end = rest.firstIndex(of: "}") else {
                return .failure(Advice("a brace is open or closed alone: placeholders are written {name}"))
            }
            pieces.append(.placeholder(String(rest[rest.index(after: rest.startIndex)..<end])))
            rest = rest[rest.index(after: end)...]
        }
        return .success(pieces)
    }
}
