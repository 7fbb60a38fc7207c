/// Why a value of a block isn't of its type.
package struct UnreadableScalar: Error, Equatable {
    /// Continues a sentence that begins with the value.
    package let problem: String

    init(_ problem: String) { self.problem = problem }
}

/// Reads numbers, dates and times of day, in one notation each.
enum ScalarText {
    /// A decimal number of at most 15 digits, which a `Double` keeps apart from every other one; no exponent, no
    /// infinity, nothing but digits, one point and a minus.
    static func number(_ text: String) throws(UnreadableScalar) -> Double {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            throw UnreadableScalar("must be a decimal number")
        }
        guard parts.reduce(0, { $0 + $1.count }) <= 15, let number = Double(text) else {
            throw UnreadableScalar("has more than 15 digits")
        }
        return number
    }

    /// `HH:MM`, 00:00 to 23:59, as minutes.
    static func timeOfDay(_ text: String) throws(UnreadableScalar) -> Double {
        var scanner = DigitScanner(text)
        guard let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2), scanner.isAtEnd,
            hour < 24, minute < 60
        else { throw UnreadableScalar("must be a time of day, 00:00 to 23:59") }
        return Double(hour * 60 + minute)
    }

    /// Seconds since 1970: a date of ISO 8601 (W3C's profile, as IAM has it) or these seconds themselves. A date without
    /// a time begins the day in UTC.
    static func date(_ text: String) throws(UnreadableScalar) -> Double {
        if let seconds = try? number(text) {
            guard text.utf8.count > 4 else {
                throw UnreadableScalar("could be a year or seconds since 1970: write a date as 2026-01-31")
            }
            guard LocalMoment.years.contains(seconds) else {
                throw UnreadableScalar("must be a date in the years 1 to 9999")
            }
            return seconds
        }
        guard let seconds = calendarDate(text) else {
            throw UnreadableScalar(
                "must be a date as 2026-01-31 or 2026-01-31T18:00:00Z, or seconds since 1970")
        }
        return seconds
    }

    private static func calendarDate(_ text: String) -> Double? {
        var scanner = DigitScanner(text)
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2), year >= 1, (1...12).contains(month),
            (1...daysInMonth(month, of: year)).contains(day)
        else { return nil }
        let midnight = Double(daysSince1970(year, month, day) * 86_400)
        if scanner.isAtEnd { return midnight }
        guard scanner.take("T"), let time = scanner.time(), let offset = scanner.zone(), scanner.isAtEnd else {
            return nil
        }
        let seconds = midnight + time - offset
        return LocalMoment.years.contains(seconds) ? seconds : nil
    }

    private static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// In the Gregorian calendar, for years from 1 on. Years begin in March here, so that the leap day comes last.
    static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// Reads a text of fixed form from its beginning.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly so many digits.
    mutating func digits(_ count: Int) -> Int? {
        let taken = rest.prefix(count)
        guard taken.count == count, taken.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(count)
        return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.FFF`, in seconds. No leap seconds.
    mutating func time() -> Double? {
        guard let hour = digits(2), take(":"), let minute = digits(2), hour < 24, minute < 60 else { return nil }
        let whole = Double(hour * 3_600 + minute * 60)
        guard take(":") else { return whole }
        guard let second = digits(2), second < 60 else { return nil }
        guard take(".") else { return whole + Double(second) }
        let fraction = rest.prefix(while: isDigit)
        guard (1...9).contains(fraction.count), let part = Double("0." + String(Substring(fraction))) else {
            return nil
        }
        rest = rest.dropFirst(fraction.count)
        return whole + Double(second) + part
    }

    /// `Z` or `+HH:MM`, in seconds ahead of UTC; a time without a zone is no moment.
    mutating func zone() -> Double? {
        if take("Z") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-"), let hour = digits(2), take(":"), let minute = digits(2), hour < 24, minute < 60
        else { return nil }
        return Double((hour * 60 + minute) * 60) * (isAhead ? 1 : -1)
    }
}
