/// The chunked transfer coding (RFC 9112 §7.1), decoded strictly: CRLF only, a size without white space,
/// bounded extensions, which are dropped, and a bounded trailer section, which is dropped unless it is wanted.
struct ChunkedDecoder: Equatable {
    /// Hexadecimal digits of a chunk size: up to 2^60.
    static let maximumSizeDigits = 15
    /// Bytes of extensions in one body. They carry nothing that we know, and cost work.
    static let maximumExtensionBytes = 16 * 1024
    /// Bytes of a trailer section.
    static let maximumTrailerBytes = 8 * 1024

    enum Event: Equatable {
        /// So many bytes at the current index belong to the body.
        case data(Int)
        case needMore
        case end
        case malformed
    }

    private enum State: Equatable {
        case size(value: UInt64, digits: Int)
        case chunkExtension(size: UInt64)
        case sizeLineFeed(size: UInt64)
        case data(remaining: UInt64)
        case dataReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailer
        case trailerLineFeed
        case finalLineFeed
        case done
    }

    /// The trailer's field lines as they came, if they are kept; without the empty line.
    private(set) var trailers: [UInt8] = []
    private let keepsTrailers: Bool
    private var state = State.size(value: 0, digits: 0)
    private var extensionBytes = 0
    private var trailerBytes = 0

    init(keepsTrailers: Bool = false) { self.keepsTrailers = keepsTrailers }

    /// Reads on from `index`. After `.data(n)` the caller advances by `n`; otherwise `index` is moved here.
    mutating func next(_ view: ByteView, _ index: inout Int) -> Event {
        while true {
            if case .data(let remaining) = state {
                guard index < view.count else { return .needMore }
                let count = Int(min(remaining, UInt64(view.count - index)))
                state = remaining == UInt64(count) ? .dataReturn : .data(remaining: remaining - UInt64(count))
                return .data(count)
            }
            if state == .done { return .end }
            guard index < view.count else { return .needMore }
            guard step(view[index]) else { return .malformed }
            index += 1
        }
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        switch state {
        case .size(let value, let digits):
            if let digit = byte.hexValue {
                guard digits < Self.maximumSizeDigits else { return false }
                state = .size(value: value << 4 | UInt64(digit), digits: digits + 1)
                return true
            }
            guard digits > 0 else { return false }
            if byte == 0x0D {
                state = .sizeLineFeed(size: value)
            } else if byte == 0x3B {
                state = .chunkExtension(size: value)
            } else {
                return false
            }
            return true
        case .chunkExtension(let size):
            if byte == 0x0D {
                state = .sizeLineFeed(size: size)
                return true
            }
            extensionBytes += 1
            return extensionBytes <= Self.maximumExtensionBytes && (byte == 0x09 || (byte >= 0x20 && byte != 0x7F))
        case .sizeLineFeed(let size):
            state = size == 0 ? .trailerStart : .data(remaining: size)
            return byte == 0x0A
        case .dataReturn:
            state = .dataLineFeed
            return byte == 0x0D
        case .dataLineFeed:
            state = .size(value: 0, digits: 0)
            return byte == 0x0A
        case .trailerStart:
            state = byte == 0x0D ? .finalLineFeed : .trailerName
            if byte != 0x0D { keep(byte) }
            return countTrailer() && (byte == 0x0D || byte.isToken)
        case .trailerName:
            if byte == 0x3A { state = .trailer }
            keep(byte)
            return countTrailer() && (byte == 0x3A || byte.isToken)
        case .trailer:
            if byte == 0x0D { state = .trailerLineFeed }
            keep(byte)
            return countTrailer() && (byte == 0x0D || byte == 0x09 || (byte >= 0x20 && byte != 0x7F))
        case .trailerLineFeed:
            state = .trailerStart
            keep(byte)
            return countTrailer() && byte == 0x0A
        case .finalLineFeed:
            state = .done
            return byte == 0x0A
        case .data, .done:
            return false
        }
    }

    private mutating func keep(_ byte: UInt8) {
        if keepsTrailers, trailers.count < Self.maximumTrailerBytes { trailers.append(byte) }
    }

    private mutating func countTrailer() -> Bool {
        trailerBytes += 1
        return trailerBytes <= Self.maximumTrailerBytes
    }
}
