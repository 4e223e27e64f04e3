// OIDC is the relying party of OpenID Connect: it reads a provider's discovery document and keys,
// begins a sign-in by the code flow with PKCE and nonce, and turns the provider's answer into a
// `ValidatedIdentity` or a refusal. It also owns the strict readers that this needs: JSON,
// base64url, JWK and JWS.
//
// It knows no sockets, no storage, no cookies, no organizations and no connections. It reaches the
// provider through a `Fetcher`, and it is given the time and the random bytes. Who may sign in
// with a validated identity, and where, is not decided here.
//
// Specifications: OpenID Connect Core 1.0, OpenID Connect Discovery 1.0, RFC 6749 (OAuth 2.0),
// RFC 7515 to 7518 (JOSE), RFC 7636 (PKCE), RFC 8259 (JSON), RFC 8725 (JWT best practice),
// RFC 9207 (issuer identification), RFC 9700 (OAuth security practice).
