extension Schema.Migration {
    /// `declared` says whether the configuration file declares the thing: `never`, `present`, or
    /// `withdrawn` when it left the file. It stands beside `status`, which is run-time state alone:
    /// coming back to the file does not undo a suspension.
    static let first = Schema.Migration(statements: [
        "CREATE TABLE store_information (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL)",

        // Every slug that any organization ever had: a link or a bookmark must never lead elsewhere.
        "CREATE TABLE slugs (slug TEXT NOT NULL PRIMARY KEY, organization_id TEXT NOT NULL)",

        """
        CREATE TABLE organizations (
            id TEXT NOT NULL PRIMARY KEY,
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
            created_at BIGINT NOT NULL,
            allowed_domains TEXT NOT NULL,
            provisioning TEXT NOT NULL CHECK (provisioning IN ('all', 'restricted', 'none')),
            provisioning_connections TEXT NOT NULL,
            default_connection TEXT,
            domain_roles TEXT NOT NULL,
            custom_claims TEXT NOT NULL,
            declared TEXT NOT NULL CHECK (declared IN ('never', 'present', 'withdrawn')),
            digest BLOB
        )
        """,
        "CREATE INDEX organizations_declared ON organizations (id) WHERE declared <> 'never'",

        """
        CREATE TABLE connections (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            display_name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('oidc', 'saml')),
            status TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'deleted')),
            email_domains TEXT,
            required_claims TEXT NOT NULL,
            roles TEXT NOT NULL,
            group_roles TEXT NOT NULL,
            settings TEXT NOT NULL,
            secrets BLOB,
            declared TEXT NOT NULL CHECK (declared IN ('never', 'present', 'withdrawn')),
            digest BLOB
        )
        """,
        "CREATE INDEX connections_organization ON connections (organization_id)",
        "CREATE INDEX connections_declared ON connections (id) WHERE declared <> 'never'",

        """
        CREATE TABLE external_connections (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            connection_id TEXT NOT NULL REFERENCES connections (id),
            display_name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (
                status IN ('active', 'pendingApproval', 'pendingConfirmation', 'disabled', 'severed')),
            provisions BIGINT NOT NULL CHECK (provisions IN (0, 1)),
            email_domains TEXT,
            roles TEXT NOT NULL,
            group_roles TEXT NOT NULL,
            role_ceiling TEXT,
            declared TEXT NOT NULL CHECK (declared IN ('never', 'present', 'withdrawn')),
            digest BLOB
        )
        """,
        "CREATE INDEX external_connections_connection ON external_connections (connection_id)",
        "CREATE INDEX external_connections_organization ON external_connections (organization_id, connection_id)",
        "CREATE INDEX external_connections_declared ON external_connections (id) WHERE declared <> 'never'",
        // One link per borrower and root connection (R1). Ended ones stay as a record.
        """
        CREATE UNIQUE INDEX external_connections_one_link ON external_connections (organization_id, connection_id)
        WHERE status <> 'severed' AND declared <> 'withdrawn'
        """,

        // Who has a mail domain in a list, for discovery. Repeats what the JSON columns say.
        """
        CREATE TABLE mail_domains (
            holder TEXT NOT NULL CHECK (holder IN ('organization', 'connection', 'external_connection')),
            holder_id TEXT NOT NULL,
            domain TEXT NOT NULL,
            PRIMARY KEY (holder, holder_id, domain)
        )
        """,
        "CREATE INDEX mail_domains_domain ON mail_domains (domain)",

        """
        CREATE TABLE members (
            id TEXT NOT NULL PRIMARY KEY,
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            email TEXT NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
            roles TEXT NOT NULL,
            authority TEXT NOT NULL,
            has_signed_in BIGINT NOT NULL CHECK (has_signed_in IN (0, 1)),
            declared TEXT NOT NULL CHECK (declared IN ('never', 'present', 'withdrawn')),
            declared_id TEXT,
            digest BLOB,
            UNIQUE (organization_id, email)
        )
        """,
        "CREATE INDEX members_email ON members (email)",
        "CREATE UNIQUE INDEX members_declared ON members (declared_id) WHERE declared <> 'never'",

        """
        CREATE TABLE subject_links (
            organization_id TEXT NOT NULL REFERENCES organizations (id),
            connection_id TEXT NOT NULL REFERENCES connections (id),
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            member_id TEXT NOT NULL REFERENCES members (id),
            PRIMARY KEY (organization_id, connection_id, issuer, subject)
        )
        """,
        "CREATE INDEX subject_links_member ON subject_links (member_id)",

        """
        CREATE TABLE roles (
            id TEXT NOT NULL PRIMARY KEY,
            permissions TEXT NOT NULL,
            declared TEXT NOT NULL CHECK (declared IN ('never', 'present', 'withdrawn')),
            digest BLOB
        )
        """,

        """
        CREATE TABLE sessions (
            token_hash BLOB NOT NULL PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            member_id TEXT NOT NULL,
            organization_id TEXT NOT NULL,
            connection_id TEXT NOT NULL,
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            evidence TEXT NOT NULL,
            via TEXT NOT NULL,
            host TEXT NOT NULL,
            sign_in_hash BLOB,
            created_at BIGINT NOT NULL,
            last_seen_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX sessions_person ON sessions (connection_id, issuer, subject)",
        "CREATE INDEX sessions_member ON sessions (member_id)",
        "CREATE INDEX sessions_sign_in ON sessions (sign_in_hash)",
        "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
        "CREATE INDEX sessions_last_seen_at ON sessions (last_seen_at)",

        """
        CREATE TABLE sign_in_records (
            hash BLOB NOT NULL PRIMARY KEY,
            member_id TEXT NOT NULL,
            organization_id TEXT NOT NULL,
            connection_id TEXT NOT NULL,
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            evidence TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            last_seen_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX sign_in_records_person ON sign_in_records (connection_id, issuer, subject)",
        "CREATE INDEX sign_in_records_expires_at ON sign_in_records (expires_at)",
        "CREATE INDEX sign_in_records_last_seen_at ON sign_in_records (last_seen_at)",

        """
        CREATE TABLE one_time_records (
            purpose TEXT NOT NULL,
            id_hash BLOB NOT NULL,
            binding BLOB,
            payload BLOB NOT NULL,
            expires_at BIGINT NOT NULL,
            PRIMARY KEY (purpose, id_hash)
        )
        """,
        "CREATE INDEX one_time_records_binding ON one_time_records (purpose, binding, expires_at)",
        "CREATE INDEX one_time_records_expires_at ON one_time_records (purpose, expires_at)",
        // A count kept by hand: counting rows at every start would cost as much as the cap allows.
        "CREATE TABLE one_time_counts (purpose TEXT NOT NULL PRIMARY KEY, records BIGINT NOT NULL)",

        // SHA-256 of connection and assertion id, since an assertion id has any length.
        "CREATE TABLE seen_assertions (hash BLOB NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL)",
        "CREATE INDEX seen_assertions_expires_at ON seen_assertions (expires_at)",

        """
        CREATE TABLE signing_keys (
            id TEXT NOT NULL PRIMARY KEY,
            private_key BLOB NOT NULL,
            created_at BIGINT NOT NULL,
            active_from BIGINT NOT NULL,
            retired_at BIGINT
        )
        """,

        """
        CREATE TABLE audit_events (
            id TEXT NOT NULL PRIMARY KEY,
            at BIGINT NOT NULL,
            kind TEXT NOT NULL,
            request_id TEXT NOT NULL,
            organization_id TEXT,
            member_id TEXT,
            connection_id TEXT,
            decision TEXT NOT NULL,
            reasons TEXT NOT NULL,
            detail TEXT NOT NULL
        )
        """,
        "CREATE INDEX audit_events_at ON audit_events (at, id)",
        "CREATE INDEX audit_events_organization ON audit_events (organization_id, at, id)",
        "CREATE INDEX audit_events_member ON audit_events (member_id, at, id)",
    ])
}
