/// The short names of attributes that IdPs send under their OID.
enum AttributeNames {
    static let oids: [String: String] = [
        "uid": "urn:oid:0.9.2342.19200300.100.1.1",
        "mail": "urn:oid:0.9.2342.19200300.100.1.3",
        "cn": "urn:oid:2.5.4.3",
        "sn": "urn:oid:2.5.4.4",
        "o": "urn:oid:2.5.4.10",
        "ou": "urn:oid:2.5.4.11",
        "telephoneNumber": "urn:oid:2.5.4.20",
        "givenName": "urn:oid:2.5.4.42",
        "displayName": "urn:oid:2.16.840.1.113730.3.1.241",
        "employeeNumber": "urn:oid:2.16.840.1.113730.3.1.3",
        "memberOf": "urn:oid:1.2.840.113556.1.2.102",
        "isMemberOf": "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
        "eduPersonAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.1",
        "eduPersonEntitlement": "urn:oid:1.3.6.1.4.1.5923.1.1.1.7",
        "eduPersonPrincipalName": "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "eduPersonScopedAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
        "eduPersonUniqueId": "urn:oid:1.3.6.1.4.1.5923.1.1.1.13",
    ]

    static func lookUp(_ name: String, in attributes: [String: [String]]) -> [String]? {
        attributes[name] ?? oids[name].flatMap { attributes[$0] }
    }
}
