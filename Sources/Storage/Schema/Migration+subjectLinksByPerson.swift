extension Schema.Migration {
    /// Where a person is known, across organizations: what a sign-in reaches.
    static let subjectLinksByPerson = Schema.Migration(statements: [
        "CREATE INDEX subject_links_person ON subject_links (connection_id, issuer, subject)"
    ])
}
