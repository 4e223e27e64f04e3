/// Finds the end of a head, line by line, and remembers how far it looked, so that a head that comes in
/// single bytes costs no more than one that comes at once.
struct HeadScanner {
    enum Outcome: Equatable {
        case incomplete
        /// Bytes of the head, its empty line included.
        case complete(Int)
        case refused(Refusal)
    }

    /// Start of the line that is not complete yet.
    private(set) var lineStart = 0
    /// Up to where there is no line feed after `lineStart`.
    private var searched = 0
    /// Complete lines so far, the start line included.
    private(set) var lines = 0

    /// `view` begins where it did in the call before. A line that ends in LF alone is refused at once
    /// (RFC 9112 §2.2 allows a recipient to accept it; two readers who differ on it are a smuggling gap).
    mutating func scan(_ view: ByteView, maximumBytes: Int, maximumFields: Int) -> Outcome {
        while let lineFeed = view.firstIndex(of: 0x0A, from: searched) {
            guard lineFeed > lineStart, view[lineFeed - 1] == 0x0D else { return .refused(.lineEnding) }
            guard lineFeed < maximumBytes else { return .refused(tooLarge) }
            searched = lineFeed + 1
            if lineFeed == lineStart + 1 { return .complete(lineFeed + 1) }
            lineStart = lineFeed + 1
            lines += 1
            if lines > maximumFields + 1 { return .refused(.tooManyFields) }
        }
        searched = view.count
        return view.count >= maximumBytes ? .refused(tooLarge) : .incomplete
    }

    private var tooLarge: Refusal { lines == 0 ? .targetTooLong : .headTooLarge }
}
