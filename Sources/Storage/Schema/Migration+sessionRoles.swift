extension Schema.Migration {
    /// The roles of a session as of its last refresh, so that a change between two is noticed. NULL: not known yet.
    static let sessionRoles = Schema.Migration(statements: ["ALTER TABLE sessions ADD COLUMN roles TEXT"])
}
