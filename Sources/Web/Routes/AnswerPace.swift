import Tenancy

/// Lets answers go out at fixed moments after their question was read, so that the time of an answer does not say how much
/// work was behind it.
struct AnswerPace: Sendable {
    /// What a question may bring about ends well before: a read, and where one connection is offered a durable commit, which
    /// on a slow disk behind another takes tens of milliseconds. Whoever waits does not notice it as waiting yet, and costs a
    /// timer and one of the data plane's local requests for as long.
    static let step: Duration = .milliseconds(100)

    /// Monotonic: a wall clock that is set would show in the answers.
    let clock: any Clock<Duration>

    enum Answer: Sendable {
        /// The question was not looked into.
        case atOnce(WebResponse)
        /// At the next multiple of `step` after the question.
        case onTheBeat(WebResponse)
    }

    /// Call it when the question has been read; `answer` makes the response whole, so that nothing is left to do after the wait.
    func after(_ answer: () async -> Answer) async -> WebResponse { await Self.after(answer, by: clock) }

    private static func after<C: Clock<Duration>>(_ answer: () async -> Answer, by clock: C) async -> WebResponse {
        let asked = clock.now
        switch await answer() {
        case .atOnce(let response): return response
        case .onTheBeat(let response):
            let beats = asked.duration(to: clock.now).wholeMilliseconds / step.wholeMilliseconds + 1
            // Throws when the task is cancelled, and only then: nobody waits for the answer.
            try? await clock.sleep(until: asked.advanced(by: step * Int(beats)), tolerance: .zero)
            return response
        }
    }
}
