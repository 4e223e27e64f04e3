import Tenancy

/// Where a sign-in leads, for its own person alone.
public struct Switcher: Sendable {
    public struct Place: Sendable {
        public enum Way: Sendable, Equatable, CaseIterable {
            /// The organization that the person is in.
            case current
            /// One click: as a member.
            case enter
            /// One click, which makes them a member.
            case join
            /// A member, whom only another sign-in lets in.
            case signInAnew
        }

        public var organizationID: OrganizationID
        public var slug: String
        public var name: String
        /// Host of the first route.
        public var host: String
        public var way: Way
        /// Its first page.
        public var address: String
        /// Where another sign-in for it begins.
        public var signInAddress: String

        public init(
            organizationID: OrganizationID, slug: String, name: String, host: String, way: Way, address: String,
            signInAddress: String
        ) {
            self.organizationID = organizationID
            self.slug = slug
            self.name = name
            self.host = host
            self.way = way
            self.address = address
            self.signInAddress = signInAddress
        }
    }

    /// Whom the IdP said this is.
    public var email: String
    /// The current one first, then by what it takes, then by name.
    public var places: [Place]
    public var csrfToken: String

    public init(email: String, places: [Place], csrfToken: String) {
        self.email = email
        self.places = places
        self.csrfToken = csrfToken
    }
}

/// Why the sign-in that a browser has does not lead to the page that was asked for, and what does.
public struct SignInObstacle: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The person would become a member: that takes a click (R5).
        case joiningNeedsClick
        /// This sign-in does not lead in there.
        case otherSignInNeeded
    }

    public var kind: Kind
    /// Whom the browser is signed in as.
    public var email: String
    public var organizationID: OrganizationID
    /// Told to somebody who may join; anybody else knows the address that they asked for, and no more.
    public var organizationName: String?
    /// Other ways in, which a visitor without a sign-in would be offered too.
    public var offers: [Offer]
    public var visit: SignInVisit
    public var csrfToken: String

    public init(
        kind: Kind, email: String, organizationID: OrganizationID, organizationName: String?, offers: [Offer], visit: SignInVisit,
        csrfToken: String
    ) {
        self.kind = kind
        self.email = email
        self.organizationID = organizationID
        self.organizationName = organizationName
        self.offers = offers
        self.visit = visit
        self.csrfToken = csrfToken
    }
}
