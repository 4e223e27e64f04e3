import Foundation
import Testing

@testable import DemoWorld

@Suite struct InflateTests {
    private static let lines = (0..<40).map { "line \($0 * $0) of a text with some words\n" }.joined()

    @Test(
        "Every kind of block is read",
        arguments: [
            ("AwA=", ""),
            ("AREA7v9oZWxsbyBoZWxsbyBoZWxsbw==", "hello hello hello"),
            ("y0jNyclXyECQAA==", "hello hello hello"),
            (
                "jZNLCgIxEET3nqKPkO50fscRjDgwGnAC4/HFC/iyLyrVL1X79uoSZNzlKrN/ppzbfMgxnl3O8b4dl/0nUBI4CRo+kUlhiRQRPRxzZDylIg0NTNTYxZ2hMdfG"
                    + "YJmsJXapmCWa8xdy15iuO7tUzJIML0oFuWSmm9mlcJbCF1Xm0phuywsL4K/WwI1R5eLpQn/VeAYaF9bkC6NMf7f9BQ==", lines
            ),
        ])
    func blocks(compressed: String, text: String) throws {
        let bytes = try #require(Data(base64Encoded: compressed))
        #expect(Inflate.inflate(Array(bytes), maximumBytes: 2000) == .success(Array(text.utf8)))
    }

    @Test(
        "A broken stream is refused",
        arguments: [
            ([], .truncated),
            ([0x07], .malformed),  // block type 3
            ([0x01, 0x01, 0x00, 0xFF, 0xFF, 0x41], .malformed),  // LEN and NLEN disagree
            ([0x01, 0x02, 0x00, 0xFD, 0xFF, 0x41], .truncated),
            ([0x03, 0x00, 0x00], .trailingBytes),
            ([0x03], .truncated),
            ([0x03, 0x02, 0x00], .malformed),  // a copy from before the beginning
            ([0x05, 0xFF, 0xFF, 0xFF], .malformed),  // too many literal codes
        ] as [([UInt8], Inflate.Refusal)])
    func refusals(bytes: [UInt8], refusal: Inflate.Refusal) {
        #expect(Inflate.inflate(bytes, maximumBytes: 2000) == .failure(refusal))
    }

    @Test func `A small stream that would become a large text is refused at the bound`() {
        // One literal and copies of it, 258 bytes each, for one byte of input.
        let head: [UInt8] = [0xED, 0xC1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xC2, 0xA0, 0xF5, 0x4F, 0x6D, 0x08, 0x5F, 0xA0]
        let bomb = head + [UInt8](repeating: 0, count: 1_000_000)
        #expect(Inflate.inflate(bomb, maximumBytes: 64 * 1024) == .failure(.tooLarge))
        let stored: [UInt8] = [0x01, 0x0A, 0x00, 0xF5, 0xFF] + [UInt8](repeating: 0x41, count: 10)
        #expect(Inflate.inflate(stored, maximumBytes: 9) == .failure(.tooLarge))
        #expect(Inflate.inflate(stored, maximumBytes: 10) == .success([UInt8](repeating: 0x41, count: 10)))
    }

    @Test func `No stream makes it trap or go beyond the bound`() throws {
        let valid = try #require(Data(base64Encoded: "jZNLCgIxEET3nqKPkO50fscRjDgwGnAC4/HFC/iyLyrVL1X79uoSZNzlKrN/"))
        var random = RandomSequence(seed: 1)
        for round in 0..<3000 {
            var bytes = round % 2 == 0 ? Array(valid) : (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            for _ in 0...random.below(4) where !bytes.isEmpty { bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8)) }
            if case .success(let output) = Inflate.inflate(bytes, maximumBytes: 500) { #expect(output.count <= 500) }
        }
    }
}

/// The same numbers in every run.
struct RandomSequence {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
