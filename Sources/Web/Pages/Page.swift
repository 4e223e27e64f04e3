import SignOn

/// Everything that a person can be shown.
enum Page: Sendable {
    case signIn(email: String, problem: String?)
    case choose(SignInChoice)
    case blocked(SignInObstacle)
    case organizations(Switcher)
    case sessions(SessionList)
    case signOut(SessionInfo, externalOrigin: String)
    case signedOut
    case refused(SignOnRefusal.Audience)
    case problem(WebProblem)
}
