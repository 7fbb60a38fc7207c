package import FoundationEssentials

/// Instants as AWS writes them on the wire: RFC 3339, UTC, `Z`.
///
/// Written and read digit by digit: FoundationEssentials' formats would have the daemon link calendars, time zones and
/// locales.
package enum AWSTimestamp {
    /// Exactly `yyyy-MM-ddTHH:mm:ssZ`; botocore parses IMDS dates with that one format. Fractions are cut off. What lies
    /// outside the years 1970 to 9999 becomes the nearest second of these.
    package static func text(_ date: Date) -> String {
        let interval = date.timeIntervalSince1970
        let seconds = interval > 0 ? (interval < latest ? Int(interval) : Int(latest)) : 0
        let (day, time) = (CivilDate(dayNumber: seconds / 86_400), seconds % 86_400)
        return digits(day.year, 4) + "-" + digits(day.month) + "-" + digits(day.day) + "T" + digits(time / 3600) + ":"
            + digits(time / 60 % 60) + ":" + digits(time % 60) + "Z"
    }

    /// An instant of the years 1 to 9999, written with or without fractions of a second and in any time zone: AWS sends neither,
    /// some emulators do. `nil` if it is none.
    package static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, isPunctuated(bytes), let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
            let second = number(bytes[17..<19]), hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let zone = bytes[19...].firstIndex { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: ".") } ?? bytes.endIndex
        guard let fraction = fraction(bytes[19..<zone]), let offset = offset(bytes[zone...]) else { return nil }
        let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// 9999-12-31T23:59:59Z.
    private static let latest = 253_402_300_799.0

    private static func digits(_ number: Int, _ count: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }

    private static func isPunctuated(_ bytes: [UInt8]) -> Bool {
        zip([4, 7, 10, 13, 16], "--T::".utf8).allSatisfy { bytes[$0] == $1 }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Of nothing, or of `.` and up to nine digits.
    private static func fraction(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard let point = bytes.first else { return 0 }
        let digits = bytes.dropFirst()
        guard point == UInt8(ascii: "."), (1...9).contains(digits.count), let number = number(digits) else {
            return nil
        }
        return digits.reduce(into: Double(number)) { fraction, _ in fraction /= 10 }
    }

    /// Of `Z`, `+01:00` or `-0130`, in seconds east of Greenwich.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int? {
        if zone.elementsEqual("Z".utf8) { return 0 }
        let digits = zone.dropFirst().filter { $0 != UInt8(ascii: ":") }[...]
        guard let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), digits.count == 4,
            zone.count == 5 || (zone.count == 6 && zone.dropFirst(3).first == UInt8(ascii: ":")),
            let hours = number(digits[..<2]), let minutes = number(digits[2...]), hours < 24, minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
