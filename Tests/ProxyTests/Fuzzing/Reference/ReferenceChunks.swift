@testable import Proxy

/// The chunked coding after RFC 9112 §7.1, by recursive descent over the whole input.
struct ReferenceChunks {
    enum Ending: Equatable {
        case complete(rest: [UInt8])
        /// So far nothing is wrong.
        case incomplete
        case malformed
    }
    private(set) var body: [UInt8] = []
    private(set) var ending = Ending.incomplete

    private struct Stop: Error { let ending: Ending }

    init(_ input: [UInt8]) {
        var rest = input[...]
        do throws(Stop) {
            while try readChunk(&rest) {}
            try readTrailer(&rest)
            ending = .complete(rest: Array(rest))
        } catch {
            ending = error.ending
        }
    }

    private var extensionBytes = 0
    private var trailerBytes = 0

    /// False after the last chunk.
    private mutating func readChunk(_ rest: inout ArraySlice<UInt8>) throws(Stop) -> Bool {
        var digits = ""
        while let byte = rest.first, ReferenceCharacters.hexadecimal.contains(byte) {
            digits.unicodeScalars.append(Unicode.Scalar(byte))
            rest.removeFirst()
            if digits.count > 15 { throw Stop(ending: .malformed) }
        }
        if rest.isEmpty { throw Stop(ending: .incomplete) }
        guard let size = Int(digits, radix: 16) else { throw Stop(ending: .malformed) }
        if rest.first == 0x3B {
            rest.removeFirst()
            extensionBytes += try readText(&rest, limit: 16 * 1024 - extensionBytes)
        }
        try expect([0x0D, 0x0A], &rest)
        if size == 0 { return false }
        body += rest.prefix(size)
        guard rest.count >= size else { throw Stop(ending: .incomplete) }
        rest = rest.dropFirst(size)
        try expect([0x0D, 0x0A], &rest)
        return true
    }

    /// Field lines, all of them dropped, and the empty line.
    private mutating func readTrailer(_ rest: inout ArraySlice<UInt8>) throws(Stop) {
        while let byte = rest.first, byte != 0x0D {
            var name = 0
            while let byte = rest.first, ReferenceCharacters.token.contains(byte) {
                rest.removeFirst()
                name += 1
                if trailerBytes + name > 8 * 1024 { throw Stop(ending: .malformed) }
            }
            if name == 0 { throw Stop(ending: .malformed) }
            try expect([0x3A], &rest)
            trailerBytes += name + 1
            trailerBytes += try readText(&rest, limit: 8 * 1024 - trailerBytes - 2)
            try expect([0x0D, 0x0A], &rest)
            trailerBytes += 2
        }
        try expect([0x0D, 0x0A], &rest)
        if trailerBytes + 1 > 8 * 1024 { throw Stop(ending: .malformed) }
    }

    private func readText(_ rest: inout ArraySlice<UInt8>, limit: Int) throws(Stop) -> Int {
        let text = rest.prefix { ReferenceCharacters.fieldValue.contains($0) }
        if text.count > limit { throw Stop(ending: .malformed) }
        rest = rest.dropFirst(text.count)
        return text.count
    }

    private func expect(_ bytes: [UInt8], _ rest: inout ArraySlice<UInt8>) throws(Stop) {
        for byte in bytes {
            guard let first = rest.popFirst() else { throw Stop(ending: .incomplete) }
            if first != byte { throw Stop(ending: .malformed) }
        }
    }
}
