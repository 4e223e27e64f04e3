import Tenancy

/// A date and a time of day as written, before it is a point in time.
struct CivilDateTime: Sendable, Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int
    /// East of UTC; `nil` where none was written.
    var offsetMinutes: Int?

    /// `nil` for a date that does not exist, and without an offset: a server's local time is not a fact
    /// about the file.
    var instant: Instant? {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...daysInMonth).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999).contains(millisecond), let offsetMinutes, (-1439...1439).contains(offsetMinutes)
        else { return nil }
        let minutes = (daysSinceEpoch * 24 + hour) * 60 + minute - offsetMinutes
        return Instant(milliseconds: Int64((minutes * 60 + second) * 1000 + millisecond))
    }

    private var daysInMonth: Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so that the
    /// leap day is the last of its year.
    private var daysSinceEpoch: Int {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }
}

extension CivilDateTime {
    /// RFC 3339 §5.6 `date-time`: `2024-05-01T09:00:00Z`, with an optional fraction of which milliseconds
    /// count. Upper-case `T` and `Z` alone: one spelling.
    init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy(\.isASCIIDigit) else { return nil }
            defer { rest = rest.dropFirst(digits) }
            return rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2)
        else { return nil }
        var millisecond = 0
        if take(".") {
            let fraction = rest.prefix(while: \.isASCIIDigit)
            guard (1...9).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(fraction.count)
            for position in 0..<3 {
                let digit = position < fraction.count ? Int(fraction[fraction.startIndex + position] - 0x30) : 0
                millisecond = millisecond * 10 + digit
            }
        }
        var offset = 0
        if !take("Z") {
            let isEast = take("+")
            guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isEast ? 1 : -1)
        }
        guard rest.isEmpty else { return nil }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond,
            offsetMinutes: offset)
    }
}
