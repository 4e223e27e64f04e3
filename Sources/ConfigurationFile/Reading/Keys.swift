/// The keys of one table of the file. The raw value is the key; a key that is not here is an error.
protocol SectionKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// How the file writes the table's heading.
    static var heading: String { get }
}

enum RootKey: String, SectionKey {
    static let heading = "the top of the file"
    case externalURL = "external_url", listen, store, trustedProxies = "trusted_proxies"
    case proxyProtocolFrom = "proxy_protocol_from", unixSocketMode = "unix_socket_mode"
    case tls, admin, session, limits, audit, fetch, log
    case organization, connection, externalConnection = "external_connection", role, route
}

enum TLSKey: String, SectionKey {
    static let heading = "[tls]"
    case certificate, privateKey = "private_key", additional, clientCA = "client_ca"
}

enum TLSCertificateKey: String, SectionKey {
    static let heading = "[[tls.additional]]"
    case certificate, privateKey = "private_key"
}

enum AdminKey: String, SectionKey {
    static let heading = "[admin]"
    case listen, projectID = "project_id", secret, secretFile = "secret_file", publicToken = "public_token"
    case redirectURLs = "redirect_urls", allowedOrigins = "allowed_origins", tls
}

enum SessionSettingsKey: String, SectionKey {
    static let heading = "[session]"
    case idleTimeout = "idle_timeout", lifetime, storeGrace = "store_grace", customClaims = "custom_claims"
}

enum LimitsKey: String, SectionKey {
    static let heading = "[limits]"
    case requestHeadBytes = "request_head_bytes", requestHeadFields = "request_head_fields"
    case requestTargetBytes = "request_target_bytes", requestHeadTimeout = "request_head_timeout"
    case idleTimeout = "idle_timeout", requestBodyBytes = "request_body_bytes", localBodyBytes = "local_body_bytes"
    case connections, connectionsPerPeer = "connections_per_peer"
    case http2Streams = "http2_streams", http2ResetsPerMinute = "http2_resets_per_minute"
    case http2ControlFramesPerMinute = "http2_control_frames_per_minute"
    case upstreamConnectTimeout = "upstream_connect_timeout", upstreamResponseTimeout = "upstream_response_timeout"
    case drainTimeout = "drain_timeout"
    case upstreamKeepAliveConnectionsPerLoop = "upstream_keep_alive_connections_per_loop"
    case signInsPerMinutePerAddress = "sign_ins_per_minute_per_address"
    case discoveriesPerMinutePerAddress = "discoveries_per_minute_per_address"
    case sessionCacheEntries = "session_cache_entries"
    case bodyTimeout = "body_timeout", minimumBodyBytesPerSecond = "minimum_body_bytes_per_second"
    case upstreamIdleTimeout = "upstream_idle_timeout"
}

enum LogKey: String, SectionKey {
    static let heading = "[log]"
    case access, sample
}

enum AuditKey: String, SectionKey {
    static let heading = "[audit]"
    case retention
}

enum FetchKey: String, SectionKey {
    static let heading = "[fetch]"
    case allowNetworks = "allow_networks"
}

enum OrganizationKey: String, SectionKey {
    static let heading = "[[organization]]"
    case slug, name, id, createdAt = "created_at", emailAllowedDomains = "email_allowed_domains"
    case provisioning = "sso_jit_provisioning", provisioningConnections = "sso_jit_provisioning_allowed_connections"
    case defaultConnection = "default_connection", members, emailDomainRoles = "email_domain_roles"
    case customClaims = "custom_claims"
}

enum MemberKey: String, SectionKey {
    static let heading = "members"
    case email, name, id, roles
}

enum ConnectionKey: String, SectionKey {
    static let heading = "[[connection]]"
    case name, id, displayName = "display_name", organization, type
    case emailDomains = "email_domains", requiredClaims = "required_claims", attributeMapping = "attribute_mapping"
    case roles, groupRoles = "group_roles"
    // type = "oidc"
    case issuer, clientID = "client_id", clientSecret = "client_secret", clientSecretFile = "client_secret_file"
    case customScopes = "custom_scopes", algorithms, userinfo, queryScopes = "query_scopes"
    case subjectClaim = "subject_claim"
    // type = "saml"
    case metadataURL = "metadata_url", metadataFile = "metadata_file", idpEntityID = "idp_entity_id"
    case idpSSOURL = "idp_sso_url", certificate, certificateFile = "certificate_file", spEntityID = "sp_entity_id"
    case subjectAttribute = "subject_attribute", clockSkew = "clock_skew", idpInitiated = "idp_initiated"
    case decryptionKey = "decryption_key", decryptionKeyFile = "decryption_key_file"

    static let oidcOnly: Set<ConnectionKey> = [
        .issuer, .clientID, .clientSecret, .clientSecretFile, .customScopes, .algorithms, .userinfo, .queryScopes,
        .subjectClaim,
    ]
    static let samlOnly: Set<ConnectionKey> = [
        .metadataURL, .metadataFile, .idpEntityID, .idpSSOURL, .certificate, .certificateFile, .spEntityID,
        .subjectAttribute, .clockSkew, .idpInitiated, .decryptionKey, .decryptionKeyFile,
    ]
}

enum ExternalConnectionKey: String, SectionKey {
    static let heading = "[[external_connection]]"
    case name, id, displayName = "display_name", organization, connection, jit, emailDomains = "email_domains"
    case roles, groupRoles = "group_roles", roleCeiling = "role_ceiling"
}

enum RoleKey: String, SectionKey {
    static let heading = "[[role]]"
    case name, permissions
}

enum RouteKey: String, SectionKey {
    static let heading = "[[route]]"
    case host, path, organization, upstream, requireRoles = "require_roles", publicPaths = "public_paths", headers
    case maxAge = "max_age", acr
    case keepRepeatedSlashes = "keep_repeated_slashes", keepEncodedSlashes = "keep_encoded_slashes"
    case upstreamCA = "upstream_ca", healthCheck = "health_check", upstreamConnectTimeout = "upstream_connect_timeout"
    case upstreamResponseTimeout = "upstream_response_timeout", upstreamIdleTimeout = "upstream_idle_timeout"
    case upstreamHTTP2 = "upstream_http2", keepTrailers = "keep_trailers", responseHeaders = "response_headers"
}

enum HealthCheckKey: String, SectionKey {
    static let heading = "health_check"
    case path, interval, timeout, healthy, unhealthy
}

/// Every table of the file with its keys: for hints about a key in the wrong place, and for the test that
/// the example file shows each of them.
enum KnownKeys {
    static let tables: [(heading: String, keys: [String])] = [
        table(RootKey.self), table(TLSKey.self), table(TLSCertificateKey.self), table(AdminKey.self), table(SessionSettingsKey.self),
        table(LimitsKey.self), table(AuditKey.self), table(FetchKey.self), table(LogKey.self), table(OrganizationKey.self),
        table(MemberKey.self),
        table(ConnectionKey.self),
        table(ExternalConnectionKey.self), table(RoleKey.self), table(RouteKey.self),
        table(HealthCheckKey.self),
    ]

    private static func table<Key: SectionKey>(_ type: Key.Type) -> (heading: String, keys: [String]) {
        (Key.heading, Key.allCases.map(\.rawValue))
    }
}
