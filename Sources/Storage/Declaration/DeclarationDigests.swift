import Tenancy

/// A keyed digest of each declared thing, in the order of the declaration, and one of them all. Comparing
/// digests finds what the file has changed since the last import, without reading what was stored, and
/// without being misled by what changed at run time.
struct DeclarationDigests {
    var organizations: [[UInt8]]
    /// For each organization, of its members.
    var members: [[[UInt8]]]
    var connections: [[UInt8]]
    var externalConnections: [[UInt8]]
    var roles: [[UInt8]]
    var whole: [UInt8]

    init(_ declaration: Declaration, sealer: Sealer) {
        var all = DigestWriter()
        func digest(_ write: (inout DigestWriter) -> Void) -> [UInt8] {
            var writer = DigestWriter()
            write(&writer)
            return sealer.digest(writer.bytes, for: .declarationDigest)
        }
        func digests<Value>(_ values: [Value], _ write: (inout DigestWriter, Value) -> Void) -> [[UInt8]] {
            all.integer(Int64(values.count))
            return values.map { value in
                let digest = digest { write(&$0, value) }
                all.fixed(digest)
                return digest
            }
        }
        organizations = digests(declaration.organizations) { $0.organization($1) }
        members = declaration.organizations.map { organization in
            digests(organization.members) { $0.member($1, of: organization.id) }
        }
        connections = digests(declaration.connections) { $0.connection($1) }
        externalConnections = digests(declaration.externalConnections) { $0.externalConnection($1) }
        roles = digests(declaration.roles) { $0.role($1) }
        whole = sealer.digest(all.bytes, for: .declarationDigest)
    }
}
