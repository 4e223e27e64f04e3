// Web owns what the gateway itself answers to browsers: sign-in, callbacks, hand-off, session, sign-out,
// key set, metadata, and the page of every refusal. Cookies get their names and attributes here.
//
// It knows no sockets and no forwarding: it is given a request as plain values and returns a response.
// It decides nothing about who gets in: `SignOn` does.
