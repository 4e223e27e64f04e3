/// The id of one thing of kind `Kind`: opaque text, compared byte by byte.
///
/// The phantom type keeps a member's id from being used where an organization's is wanted.
public struct Identifier<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// Bytes: Swift's own comparison of text takes two spellings of one character for equal, an IdP or a
    /// database does not.
    public static func == (left: Self, right: Self) -> Bool { left.rawValue.utf8.elementsEqual(right.rawValue.utf8) }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: rawValue) }

    public static func < (left: Self, right: Self) -> Bool {
        // Bytes, not Unicode collation: "ties by id" must mean the same on every machine and in SQL.
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

public typealias OrganizationID = Identifier<Organization>
public typealias MemberID = Identifier<Member>
public typealias ConnectionID = Identifier<Connection>
public typealias ExternalConnectionID = Identifier<ExternalConnection>
public typealias RoleID = Identifier<Role>

extension RoleID {
    /// The reserved role of an organization's administrators.
    public static var administrator: RoleID { RoleID("stytch_admin") }
}

extension Hasher {
    /// The bytes of a text and its end, so that what is equal byte by byte, and only that, has one hash.
    mutating func combine(bytesOf text: String) {
        var text = text
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(UInt8(0xFF))
    }
}
