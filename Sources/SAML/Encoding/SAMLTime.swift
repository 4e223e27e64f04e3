/// SAML's times (saml-core §1.3.3: `xs:dateTime` in UTC) as whole milliseconds since 1970.
enum SAMLTime {
    /// 9999-12-31T23:59:59.999Z
    static let maximumMilliseconds: Int64 = 253_402_300_799_999
    /// Fraction digits that are read over; IdPs write up to seven.
    private static let maximumFractionDigits = 9

    /// `YYYY-MM-DDThh:mm:ss[.fraction]Z`, 1970 to 9999, nothing else: no offset, no leap second, no
    /// hour 24, no white space. Fractions below a millisecond are cut off.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard (20...(21 + maximumFractionDigits)).contains(bytes.count), bytes.last == UInt8(ascii: "Z"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            year >= 1970, (1...12).contains(month), (1...daysInMonth(month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }

        var milliseconds: Int64 = 0
        let fraction = bytes[19..<(bytes.count - 1)]
        if let point = fraction.first {
            guard point == UInt8(ascii: "."), fraction.count > 1, number(fraction.dropFirst()) != nil else { return nil }
            let digits = Array(fraction.dropFirst().prefix(3))
            guard let value = number(digits[...]) else { return nil }
            milliseconds = digits.count == 1 ? value * 100 : digits.count == 2 ? value * 10 : value
        }
        let seconds = ((daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        return seconds * 1000 + milliseconds
    }

    /// Whole seconds; what is outside 1970 to 9999 is clamped.
    static func format(_ milliseconds: Int64) -> String {
        let total = max(0, min(milliseconds, maximumMilliseconds)) / 1000
        let (days, secondOfDay) = (total / 86_400, total % 86_400)
        var year: Int64 = 1970
        var day = days
        while day >= daysInYear(year) {
            day -= daysInYear(year)
            year += 1
        }
        var month: Int64 = 1
        while day >= daysInMonth(month, year: year) {
            day -= daysInMonth(month, year: year)
            month += 1
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day + 1, 2))"
        return "\(date)T\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// At most `maximumFractionDigits` digits, so it can't overflow.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard digit.isASCIIDigit else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static func daysInYear(_ year: Int64) -> Int64 { isLeap(year) ? 366 : 365 }

    private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let past = year - 1
        var days = (past * 365 + past / 4 - past / 100 + past / 400) - 719_162
        for earlier in 1..<month { days += daysInMonth(earlier, year: year) }
        return days + day - 1
    }
}
