// Tenancy owns the words of the product (organization, member, connection, external connection,
// session, evidence) and the rules that decide who gets in: acceptance, linking, discovery,
// landing, just-in-time provisioning, roles, exchange, ending and consent.
//
// It knows no I/O, no clock, no randomness, no protocol and no storage. Everything it needs is in
// the values that it is given; everything that it concludes is in the value that it returns.
// `decide(_:in:)` is the one function that decides; every other part of the gateway calls it.
