@testable import Proxy

/// Where a head ends, line by line.
enum ReferenceScan {
    /// `limits`: `nil` for none.
    static func outcome(_ bytes: [UInt8], _ limits: ProxyLimits?) -> HeadScanner.Outcome {
        let maximumBytes = limits?.maximumHeadBytes ?? .max
        var start = 0
        for number in 0... {
            let tooLarge = HeadScanner.Outcome.refused(number == 0 ? .targetTooLong : .headTooLarge)
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return bytes.count >= maximumBytes ? tooLarge : .incomplete }
            let line = bytes[start...end]
            guard line.suffix(2) == [0x0D, 0x0A] else { return .refused(.lineEnding) }
            if end >= maximumBytes { return tooLarge }
            if line.count == 2 { return .complete(end + 1) }
            if let limits, number > limits.maximumFields { return .refused(.tooManyFields) }
            start = end + 1
        }
        return .incomplete
    }
}
