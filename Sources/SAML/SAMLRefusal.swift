/// Why something was refused. The raw value is the label for audit and metrics: a bounded set, and
/// never a value out of the document.
public enum SAMLRefusal: String, Error, Sendable, CaseIterable {
    // The library
    case libraryUnavailable = "library_unavailable"

    // Bytes and XML
    case encodingMalformed = "encoding_malformed"
    case tooLarge = "too_large"
    case tooManyElements = "too_many_elements"
    case tooManyAttributes = "too_many_attributes"
    case tooDeep = "too_deep"
    case characterEncoding = "character_encoding"
    case documentType = "document_type"
    case processingInstruction = "processing_instruction"
    case comment = "comment"
    case characterDataSection = "character_data_section"
    case notWellFormed = "not_well_formed"
    case relativeNamespace = "relative_namespace"
    case unexpectedNode = "unexpected_node"
    case unexpectedIdentifier = "unexpected_identifier"
    case duplicateIdentifier = "duplicate_identifier"

    // Structure of the response
    case notAResponse = "not_a_response"
    case unexpectedElement = "unexpected_element"
    case versionNotSupported = "version_not_supported"
    case statusMissing = "status_missing"
    case statusNotSuccess = "status_not_success"
    case assertionCount = "assertion_count"
    case assertionMalformed = "assertion_malformed"

    // Signature
    case signatureMissing = "signature_missing"
    case signatureMisplaced = "signature_misplaced"
    case signatureMalformed = "signature_malformed"
    case signatureReference = "signature_reference"
    case signatureTransform = "signature_transform"
    case signatureAlgorithm = "signature_algorithm"
    case digestAlgorithm = "digest_algorithm"
    case emptyDigest = "empty_digest"
    case signatureInvalid = "signature_invalid"

    // Encryption
    case decryptionKeyMissing = "decryption_key_missing"
    case encryptionAlgorithm = "encryption_algorithm"
    case decryptionFailed = "decryption_failed"

    // What the response and the assertion say
    case responseIssuer = "response_issuer"
    case assertionIssuer = "assertion_issuer"
    case destination = "destination"
    case issueInstant = "issue_instant"
    case subjectMissing = "subject_missing"
    case subjectConfirmation = "subject_confirmation"
    case recipient = "recipient"
    case inResponseTo = "in_response_to"
    case conditionsMissing = "conditions_missing"
    case conditionUnknown = "condition_unknown"
    case audience = "audience"
    case notYetValid = "not_yet_valid"
    case expired = "expired"
    case lifetimeTooLong = "lifetime_too_long"
    case timeMalformed = "time_malformed"
    case authenticationStatement = "authentication_statement"
    case authenticationTooOld = "authentication_too_old"
    case sessionExpired = "session_expired"
    case nameIDMissing = "name_id_missing"
    case nameIDMalformed = "name_id_malformed"
    case nameIDTransient = "name_id_transient"
    case subjectAttribute = "subject_attribute"
    case attributeMalformed = "attribute_malformed"
    case attributeRepeated = "attribute_repeated"

    // Configuration: metadata, keys, requests
    case metadataMalformed = "metadata_malformed"
    case metadataEntity = "metadata_entity"
    case metadataExpired = "metadata_expired"
    case entityIDMalformed = "entity_id_malformed"
    case identityProviderRole = "identity_provider_role"
    case singleSignOnService = "single_sign_on_service"
    case urlNotAllowed = "url_not_allowed"
    case certificateMissing = "certificate_missing"
    case certificateMalformed = "certificate_malformed"
    case tooManyCertificates = "too_many_certificates"
    case keyNotAllowed = "key_not_allowed"
    case decryptionKeyMalformed = "decryption_key_malformed"
    case requestIDMalformed = "request_id_malformed"
    case relayStateTooLong = "relay_state_too_long"

    public var label: String { rawValue }
}
