// Fetch owns outgoing HTTP requests to addresses that somebody configured or an IdP published: HTTPS
// with verification that can't be switched off, deadlines, size caps, no redirects, no proxies, and a
// check of the address at the moment of connecting, so that a name that changes its answer gains nothing.
//
// One thread drives libcurl's multi interface for all requests: `Mailbox` is the way in, `Worker` the loop,
// `Transfer` one request under way. Nothing of libcurl leaves this target.
//
// It knows no OIDC, no SAML and no tenancy: a request in, a response or an error out.
