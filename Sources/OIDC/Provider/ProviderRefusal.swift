/// Why a provider could not be used at all.
public enum ProviderRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// The issuer is not an https URL (or http on loopback) without query and fragment.
    case issuerNotAccepted = "issuer_not_accepted"
    /// No discovery document: no answer, or a status other than 200.
    case metadataUnavailable = "metadata_unavailable"
    case metadataMalformed = "metadata_malformed"
    /// The document is that of another issuer.
    case issuerMismatch = "issuer_mismatch"
    /// An endpoint is not https (or http on loopback).
    case endpointNotAccepted = "endpoint_not_accepted"
    /// `response_types_supported` is absent or lacks `code`.
    case codeFlowNotSupported = "code_flow_not_supported"
    /// No key set: no answer, or a status other than 200.
    case keysUnavailable = "keys_unavailable"
    case keysMalformed = "keys_malformed"
}
