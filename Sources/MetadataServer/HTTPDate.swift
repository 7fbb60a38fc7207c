import Credentials
import FoundationEssentials
import NIOCore

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the date of RFC 9110 §5.6.7, written digit by digit because each answer carries one.
enum HTTPDate {
    static func write(_ date: Date, into buffer: inout ByteBuffer) {
        let seconds = secondsSince1970(date)
        let day = seconds / 86400
        let time = seconds % 86400
        let date = CivilDate(dayNumber: day)
        let template: StaticString = "Sun, 00 Jan 0000 00:00:00 GMT"
        let length = template.utf8CodeUnitCount
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { bytes in
            template.withUTF8Buffer { bytes.copyBytes(from: $0) }
            // 1 January 1970 was a Thursday, the fifth of these.
            put("SunMonTueWedThuFriSat", (day + 4) % 7, at: 0, bytes)
            put(date.day, at: 5, bytes)
            put("JanFebMarAprMayJunJulAugSepOctNovDec", date.month - 1, at: 8, bytes)
            put(date.year / 100, at: 12, bytes)
            put(date.year % 100, at: 14, bytes)
            put(time / 3600, at: 17, bytes)
            put(time / 60 % 60, at: 20, bytes)
            put(time % 60, at: 23, bytes)
            return length
        }
    }

    /// Two digits.
    private static func put(_ number: Int, at offset: Int, _ bytes: UnsafeMutableRawBufferPointer) {
        bytes[offset] = UInt8(truncatingIfNeeded: 0x30 + number / 10)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: 0x30 + number % 10)
    }

    /// One of the names, which have three letters each.
    private static func put(
        _ names: StaticString, _ index: Int, at offset: Int, _ bytes: UnsafeMutableRawBufferPointer
    ) {
        names.withUTF8Buffer { names in
            for letter in 0..<3 { bytes[offset + letter] = names[3 * index + letter] }
        }
    }

    /// Whole seconds from 1970 to the end of 9999; anything else, NaN included, becomes the nearest of these.
    private static func secondsSince1970(_ date: Date) -> Int {
        let seconds = date.timeIntervalSince1970
        guard seconds > 0 else { return 0 }
        return seconds < 253_402_300_799 ? Int(seconds) : 253_402_300_799
    }
}
