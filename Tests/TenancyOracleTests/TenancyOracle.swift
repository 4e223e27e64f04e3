// The rules of tenancy a second time, and every small world.
//
// `Oracle` answers the questions of R1 to R7 by plain set operations, written from the text of the
// rules alone. `Family` enumerates small worlds: three organizations, one or two root connections.
// `Examination` asks `decide` and the oracle the same questions and compares the answers; it checks
// the promises of `Promises` on each of them. `Mutation` is a set of wrong decisions, each of which
// the comparison has to find.
//
// Nothing here knows how `decide` works. Consent and changes of an identity provider (R10) are not
// part of it.
