// Storage owns what the gateway remembers: organizations, members, connections and links, sessions,
// sign-in records, one-time records, assertion signing keys and the audit log; their SQL, the schema
// and its migrations, what is sealed at rest and under which key, and the news of a change.
//
// It knows no rule of tenancy: it hands `decide(_:in:)` the slice of the world that a question can
// touch, and writes what was decided. It knows no HTTP, no cookie, no protocol of sign-in, and no
// clock: every time is an argument.
//
// One SQL text serves every engine: `$1` placeholders, ON CONFLICT and RETURNING; 64-bit integers,
// text and bytes. SQLite is reached through GRDB, in `Engine/SQLite` alone.
