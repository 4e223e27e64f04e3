import Testing

@testable import Proxy

@Suite struct HeadScannerTests {
    private let head = Array("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n".utf8)

    @Test func `a head is found however it is cut into reads`() {
        for first in 0...head.count {
            for second in first...head.count {
                var scanner = HeadScanner()
                var outcome = HeadScanner.Outcome.incomplete
                for end in [first, second, head.count] where outcome == .incomplete {
                    outcome = withView(Array(head[..<end])) { scanner.scan($0, maximumBytes: 1_000, maximumFields: 10) }
                }
                #expect(outcome == .complete(head.count))
            }
        }
    }

    @Test func `every part of a head is incomplete`() {
        for end in 0..<head.count {
            var scanner = HeadScanner()
            #expect(withView(Array(head[..<end])) { scanner.scan($0, maximumBytes: 1_000, maximumFields: 10) } == .incomplete)
        }
    }

    @Test func `bytes after a head do not count against it`() {
        var scanner = HeadScanner()
        let more = head + Array(repeating: 0x41, count: 5_000)
        #expect(withView(more) { scanner.scan($0, maximumBytes: head.count, maximumFields: 10) } == .complete(head.count))
        var tighter = HeadScanner()
        #expect(withView(more) { tighter.scan($0, maximumBytes: head.count - 1, maximumFields: 10) } == .refused(.headTooLarge))
    }
}
