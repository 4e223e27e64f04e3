import Testing

@testable import Web

@Suite("When an answer goes out")
struct AnswerPaceTests {
    @Test(
        "At the first multiple of the step after the question that the work leaves",
        arguments: [
            (.zero, 100), (.microseconds(1), 100), (.milliseconds(3), 100), (.microseconds(99_999), 100), (.milliseconds(100), 200),
            (.milliseconds(101), 200), (.milliseconds(250), 300), (.seconds(9), 9100),
        ] as [(Duration, Int)])
    func beats(work: Duration, milliseconds: Int) async {
        let clock = HandClock()
        let asked = clock.now
        let response = await AnswerPace(clock: clock).after {
            clock.advance(by: work)
            return .onTheBeat(WebResponse(status: 200))
        }
        #expect(response.status == 200)
        #expect(clock.alarms == [asked.advanced(by: .milliseconds(milliseconds))])
    }

    @Test("At once where nothing was looked into")
    func atOnce() async {
        let clock = HandClock()
        let response = await AnswerPace(clock: clock).after {
            clock.advance(by: .milliseconds(3))
            return .atOnce(WebResponse(status: 400))
        }
        #expect(response.status == 400 && clock.alarms.isEmpty)
    }

    /// Never rings.
    private struct Endless: Clock {
        typealias Instant = HandClock.Instant
        var now: Instant { Instant(sinceBeginning: .zero) }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            try Task.checkCancellation()
        }
    }

    @Test("A task that is cancelled waits no longer")
    func cancelled() async {
        let task = Task { await AnswerPace(clock: Endless()).after { .onTheBeat(WebResponse(status: 200)) } }
        task.cancel()
        #expect(await task.value.status == 200)
    }
}
