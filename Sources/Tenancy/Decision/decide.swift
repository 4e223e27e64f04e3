/// The one function that decides who gets in (R9). Pure: the same question in the same world has the
/// same answer; time limits are the reader's.
///
/// The work is linear in the world that it is given (sorting apart), whatever the question.
public func decide(_ question: Question, in world: World) -> Decision {
    switch question {
    case .discovery(let address): world.discovery(of: address)
    case .start(let target): world.start(of: target)
    case .landing(let target, let evidence, let destination): world.landing(of: evidence, at: target, for: destination)
    case .exchange(let session, let organizationID, let byClick):
        world.exchange(of: session, into: organizationID, byClick: byClick)
    case .reach(let session): world.reach(of: session)
    case .continuation(let session): world.continuation(of: session)
    case .consent(let act, let link, let actor): world.consent(to: act, of: link, by: actor)
    case .identityProviderChange(let connectionID, let actor): world.identityProviderChange(of: connectionID, by: actor)
    }
}
