import Tenancy

/// Durations as text: a whole number and one unit.
enum DurationText {
    /// In order of their length, with milliseconds each.
    static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// `nil` unless digits without a leading zero and a unit, below 2^53 ms.
    static func parse(_ text: String) -> Duration? {
        let digits = text.utf8.prefix(while: \.isASCIIDigit)
        let suffix = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)
        guard (1...15).contains(digits.count), let number = Int64(String(decoding: digits, as: UTF8.self)),
            String(number).utf8.count == digits.count, let unit = units.first(where: { $0.suffix == suffix })
        else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow || milliseconds >= 1 << 53 ? nil : .milliseconds(milliseconds)
    }

    /// With the longest unit that divides it.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        guard milliseconds != 0, let unit = units.last(where: { milliseconds % $0.milliseconds == 0 }) else { return "0s" }
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}
