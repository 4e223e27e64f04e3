extension Schema.Migration {
    /// Which links might make somebody a member (R6): by their own switch, or since their borrower's list may name them. Of
    /// thousands that borrow one connection they are few, and only they matter to people whom the borrower does not know.
    /// Repeats what other columns say; `mail_domains.decides` is the same for a link, and 1 for every other holder.
    static let linksThatProvision = Schema.Migration(statements: [
        "ALTER TABLE external_connections ADD COLUMN may_provision BIGINT NOT NULL DEFAULT 1",
        "ALTER TABLE mail_domains ADD COLUMN decides BIGINT NOT NULL DEFAULT 1",
        """
        UPDATE external_connections SET may_provision = 0
        WHERE provisions = 0 AND organization_id NOT IN (SELECT id FROM organizations WHERE provisioning = 'restricted')
        """,
        """
        UPDATE mail_domains SET decides = 0 WHERE holder = 'external_connection'
        AND holder_id IN (SELECT id FROM external_connections WHERE may_provision = 0)
        """,
        "CREATE INDEX external_connections_provisioning ON external_connections (connection_id) WHERE may_provision = 1",
        "DROP INDEX mail_domains_domain",
        "CREATE INDEX mail_domains_domain ON mail_domains (domain, decides)",
    ])
}
