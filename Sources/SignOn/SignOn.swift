// SignOn owns the way in and the way out: start, callback, landing, the hand-off to a tenant's host,
// sessions, sign-out, and the signed assertions that applications receive. It calls
// `Tenancy.decide` for every decision, inside the transaction that acts on the answer.
//
// It knows no sockets, no HTML and no HTTP routing: it is asked with plain values and answers with
// plain values. It does not know how a page looks (`Web`) or how a request is forwarded (`Proxy`).
