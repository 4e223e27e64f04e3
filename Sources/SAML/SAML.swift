// SAML is the service provider's side of SAML 2.0 Web Browser SSO: SP metadata, authentication
// requests, IdP metadata and the validation of responses in one strict profile. It owns the only
// XML parser of the process and everything that touches XML signatures and XML encryption.
//
// Bytes, settings and a time go in; a validated assertion or a refusal comes out. It knows no
// network, no clock, no storage, no session and no organization. Whether an assertion was used
// before, which browser it belongs to and whom it signs in are decided elsewhere.
//
// Everything here is synchronous and holds no lock; one call takes well under a millisecond of
// processor time for an ordinary response. Pointers of the C libraries never leave the target.
// Inside, a refusal travels as `throws(SAMLRefusal)`; at the boundary it is a returned value.
