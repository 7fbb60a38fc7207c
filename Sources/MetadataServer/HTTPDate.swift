import FoundationEssentials
import NIOCore

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the date of RFC 9110 §5.6.7, written digit by digit because each answer carries one.
enum HTTPDate {
    static func write(_ date: Date, into buffer: inout ByteBuffer) {
        let seconds = secondsSince1970(date)
        let day = seconds / 86400
        let time = seconds % 86400
        let (year, month, dayOfMonth) = civil(dayNumber: day)
        // 1 January 1970 was a Thursday, the fifth of these.
        buffer.writeString(weekdays[(day + 4) % 7])
        buffer.writeStaticString(", ")
        writeTwoDigits(dayOfMonth, into: &buffer)
        buffer.writeString(months[month - 1])
        writeTwoDigits(year / 100, into: &buffer)
        writeTwoDigits(year % 100, into: &buffer)
        buffer.writeStaticString(" ")
        writeTwoDigits(time / 3600, into: &buffer)
        buffer.writeStaticString(":")
        writeTwoDigits(time / 60 % 60, into: &buffer)
        buffer.writeStaticString(":")
        writeTwoDigits(time % 60, into: &buffer)
        buffer.writeStaticString(" GMT")
    }

    /// Whole seconds from 1970 to the end of 9999; anything else, NaN included, becomes the nearest of these.
    private static func secondsSince1970(_ date: Date) -> Int {
        let seconds = date.timeIntervalSince1970
        guard seconds > 0 else { return 0 }
        return seconds < 253_402_300_799 ? Int(seconds) : 253_402_300_799
    }

    /// Gregorian year, month and day of a day counted from 1 January 1970. Years begin in March here, which puts the
    /// leap day at their end and makes the month lengths a linear pattern: 153 days in each five months.
    private static func civil(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarchOfYear0 = dayNumber + 719_468
        let era = sinceMarchOfYear0 / 146_097
        let dayOfEra = sinceMarchOfYear0 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func writeTwoDigits(_ value: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(truncatingIfNeeded: 0x30 + value / 10))
        buffer.writeInteger(UInt8(truncatingIfNeeded: 0x30 + value % 10))
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]
}
