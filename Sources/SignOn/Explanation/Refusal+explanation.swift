import Tenancy

/// The rules of tenancy by their numbers in docs/operations.md.
public enum TenancyRule: String, Sendable, CaseIterable {
    case acceptance = "R1"
    case identity = "R2"
    case discovery = "R3"
    case landing = "R4"
    case exchange = "R5"
    case provisioning = "R6"
    case roles = "R7"
    case ending = "R8"
    case decision = "R9"
    case consent = "R10"
}

/// Why somebody is refused, for an operator.
public struct RefusalExplanation: Sendable, Equatable {
    public var rule: TenancyRule
    /// What the rule found.
    public var sentence: String
    /// What would change it.
    public var remedy: String

    init(_ rule: TenancyRule, _ sentence: String, _ remedy: String) {
        self.rule = rule
        self.sentence = sentence
        self.remedy = remedy
    }

    public var text: String { "\(rule.rawValue): \(sentence); \(remedy)" }
}

extension Refusal {
    /// The one place for it: a table, so long because the rules are.
    public var explanation: RefusalExplanation {
        switch self {
        case .unknownConnection:
            RefusalExplanation(
                .acceptance, "there is no such connection",
                "look at `gateway connections list` for what there is")
        case .unknownExternalConnection:
            RefusalExplanation(
                .acceptance, "there is no such external connection",
                "look at `gateway external-connections list` for what there is")
        case .unknownOrganization:
            RefusalExplanation(
                .acceptance, "there is no such organization",
                "look at `gateway organizations list` for what there is")
        case .connectionInactive:
            RefusalExplanation(
                .acceptance, "the connection is disabled or deleted",
                "enable it with `gateway connections enable`, or put it back into the configuration file")
        case .ownerInactive:
            RefusalExplanation(
                .acceptance, "the organization that owns the connection is suspended or deleted",
                "reactivate the owner with `gateway organizations reactivate`")
        case .organizationInactive:
            RefusalExplanation(
                .acceptance, "the organization is suspended or deleted",
                "reactivate it with `gateway organizations reactivate`")
        case .externalConnectionInactive:
            RefusalExplanation(
                .acceptance, "the external connection to the identity provider is pending, disabled or severed",
                "see its state with `gateway external-connections list`, then approve, confirm or enable it; a severed one stays so")
        case .connectionNotAccepted:
            RefusalExplanation(
                .acceptance, "the organization neither owns the connection nor has an external connection to it",
                "declare an [[external_connection]], or ask for one with `gateway external-connections request`")
        case .noConnection:
            RefusalExplanation(
                .acceptance, "the organization has no connection that is in use",
                "give it a [[connection]] or an [[external_connection]], or enable one")
        case .evidenceMismatch:
            RefusalExplanation(
                .identity, "the identity provider that answered is not the one that was asked",
                "the person starts again")
        case .emailMissing:
            RefusalExplanation(
                .identity, "the identity provider asserts no address, or none that is one",
                "let it send an e-mail address, or name the right claim with attribute_mapping.email")
        case .emailNotVerified:
            RefusalExplanation(
                .identity, "the identity provider says that it has not verified the address",
                "have the address verified there, or link the person by hand with `gateway members link`")
        case .emailDomainNotAllowed:
            RefusalExplanation(
                .identity, "the address is outside the email_domains of the connection or of the external connection",
                "add the domain to that list, if people of that domain should come in this way")
        case .requiredClaimMissing:
            RefusalExplanation(
                .identity, "a claim of the connection's required_claims is missing or has another value",
                "compare required_claims with what the identity provider sends")
        case .subjectChanged:
            RefusalExplanation(
                .identity, "the new subject has the address of a member who is linked through this connection already",
                "if it is the same person, unlink the old one with `gateway members unlink`")
        case .linkedElsewhere:
            RefusalExplanation(
                .identity,
                "the member with this address is linked through another connection, and an address alone makes no second link here",
                "link them by hand with `gateway members link`")
        case .memberSuspended:
            RefusalExplanation(
                .identity, "the member is suspended, or has left the configuration file",
                "reactivate them with `gateway members reactivate`, or put them back into the file")
        case .memberDeleted:
            RefusalExplanation(
                .identity, "the member was deleted, and the address or subject stays theirs",
                "reactivate them with `gateway members reactivate`")
        case .rolesExceedCeiling:
            RefusalExplanation(
                .identity,
                "the address would reach roles above the role ceiling of the external connection (without a ceiling: stytch_admin)",
                "link the person by hand with `gateway members link`, raise role_ceiling, or take the role away")
        case .notAMember:
            RefusalExplanation(
                .provisioning, "nobody here has this subject or address, and new people are not taken in this way",
                "add the person with `gateway members add`, or allow it with sso_jit_provisioning (and `jit` of an external connection)")
        case .provisioningNeedsClick:
            RefusalExplanation(
                .exchange, "the person could join this organization, which a visit alone never does",
                "they join by choosing the organization at /.gateway/organizations, or by signing in to it")
        case .noRoute:
            RefusalExplanation(
                .landing, "the organization has no application that a person could be sent to",
                "add a [[route]] for it")
        case .nowhereToLand:
            RefusalExplanation(
                .landing, "no organization that accepts this connection takes the person in",
                "look at the reason of each organization that was passed over")
        case .sessionExpired:
            RefusalExplanation(
                .exchange, "the sign-in that this came from has ended",
                "the person signs in again")
        case .memberChanged:
            RefusalExplanation(
                .identity, "the sign-in no longer stands for the member of the session: the link is gone or another member's",
                "the person signs in again; look at the member with `gateway members list`")
        case .actorNotAllowed:
            RefusalExplanation(
                .consent, "this act is another organization's to do",
                "do it as the operator, or as the administrator of the organization whose consent it is")
        case .linkNotPending:
            RefusalExplanation(
                .consent, "the external connection is not in a state from which this act leads anywhere",
                "see its state with `gateway external-connections list`")
        case .linkToOwnConnection:
            RefusalExplanation(
                .consent, "the organization owns the connection, and needs no external connection to it",
                "name a connection of another organization")
        case .duplicateLink:
            RefusalExplanation(
                .consent, "the organization has another external connection to the same connection",
                "sever that one first, or change it")
        }
    }
}
