import Tenancy

/// A keyed digest of each declared thing, in the order of the declaration. Comparing digests finds what the file has
/// changed since the last import, without reading what was stored, and without being misled by what changed at run time.
struct DeclarationDigests {
    var organizations: [[UInt8]]
    /// For each organization, of its members.
    var members: [[[UInt8]]]
    var connections: [[UInt8]]
    var externalConnections: [[UInt8]]
    var roles: [[UInt8]]

    init(_ declaration: Declaration, sealer: Sealer) {
        func digests<Value>(_ values: [Value], _ write: (inout DigestWriter, Value) -> Void) -> [[UInt8]] {
            values.map { value in
                var writer = DigestWriter()
                write(&writer, value)
                return sealer.declarationDigest(writer.bytes)
            }
        }
        organizations = digests(declaration.organizations) { $0.organization($1) }
        members = declaration.organizations.map { organization in
            digests(organization.members) { $0.member($1, of: organization.id) }
        }
        connections = digests(declaration.connections) { $0.connection($1) }
        externalConnections = digests(declaration.externalConnections) { $0.externalConnection($1) }
        roles = digests(declaration.roles) { $0.role($1) }
    }

    /// One digest of everything: an unchanged file is found out by it alone.
    static func whole(_ declaration: Declaration, sealer: Sealer) -> [UInt8] {
        var writer = DigestWriter()
        writer.integer(Int64(declaration.organizations.count))
        for organization in declaration.organizations {
            writer.organization(organization)
            writer.integer(Int64(organization.members.count))
            for member in organization.members { writer.member(member, of: organization.id) }
        }
        writer.integer(Int64(declaration.connections.count))
        for connection in declaration.connections { writer.connection(connection) }
        writer.integer(Int64(declaration.externalConnections.count))
        for link in declaration.externalConnections { writer.externalConnection(link) }
        writer.integer(Int64(declaration.roles.count))
        for role in declaration.roles { writer.role(role) }
        return sealer.declarationDigest(writer.bytes)
    }
}
