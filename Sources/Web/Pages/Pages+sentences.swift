import SignOn

/// Fixed sentences: a page never says more than its kind. The reason is in the log, under the request id.
extension Pages {
    static func title(for audience: SignOnRefusal.Audience) -> String {
        switch audience {
        case .tryAgain: "Sign-in was interrupted"
        case .notAllowed: "You can't sign in here"
        case .noWayIn: "This sign-in does not lead there"
        case .stepUp: "This page needs a stronger sign-in"
        case .identityProvider: "Your organization's sign-in did not work"
        case .badRequest: "This address is not complete"
        case .tooMany: "Too many tries"
        case .unavailable: "Not available right now"
        case .notFound: "Not found"
        case .cookies: "Your browser did not keep a cookie"
        }
    }

    static func sentence(for audience: SignOnRefusal.Audience) -> String {
        switch audience {
        case .tryAgain: "The sign-in took too long, or it was begun in another window or browser. Please start again."
        case .notAllowed: "Your account is not allowed into this organization. Ask your administrator for access."
        case .noWayIn:
            "The organization that you chose can't be entered with the account that you are signed in with. Choose another one, or sign in differently."
        case .stepUp:
            "Your organization's sign-in did not confirm you in the way that this page asks for. Ask your administrator which sign-in does."
        case .identityProvider: "The identity provider gave an answer that can't be accepted. Please tell your administrator."
        case .badRequest: "Something in the address or form is missing or wrong. Go back and try again."
        case .tooMany: "There were too many sign-ins from your network. Wait a minute and try again."
        case .unavailable: "Nobody can be signed in at the moment. Please try again shortly."
        case .notFound: "There is no such sign-in. Check the address, or ask your administrator."
        case .cookies: "Signing in needs cookies. Allow them for this site and try again."
        }
    }

    static func title(for obstacle: SignInObstacle.Kind) -> String {
        switch obstacle {
        case .joiningNeedsClick: "Join this organization?"
        case .otherSignInNeeded: "This needs another sign-in"
        }
    }

    static func title(for problem: WebProblem) -> String {
        switch problem {
        case .notFound: "Not found"
        case .methodNotAllowed: "Not possible"
        case .forbidden: "You don't have access"
        case .badGateway: "The application is not reachable"
        case .gatewayTimeout: "The application did not answer in time"
        case .unavailable: "Not available right now"
        }
    }

    static func sentence(for problem: WebProblem) -> String {
        switch problem {
        case .notFound: "There is nothing at this address."
        case .methodNotAllowed: "This address can't be used in this way."
        case .forbidden: "You are signed in, but your roles don't include this page. Ask your administrator for access."
        case .badGateway: "The application behind this address can't be reached. Please try again shortly."
        case .gatewayTimeout: "The application behind this address took too long. Please try again."
        case .unavailable: "Your session can't be checked at the moment. Please try again shortly."
        }
    }
}
