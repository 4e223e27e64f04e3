import SignOn

/// Everything that a person can be shown.
enum Page: Sendable {
    case signIn(email: String, problem: String?)
    case choose(SignInChoice)
    case signOut(SessionInfo)
    case signedOut
    case refused(SignOnRefusal.Audience)
    case problem(WebProblem)
}
