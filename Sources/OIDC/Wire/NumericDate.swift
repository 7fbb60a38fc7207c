package import Credentials
package import FoundationEssentials

/// Seconds since 1970, possibly with a fraction (RFC 7519 section 2).
package enum NumericDate {
    /// `nil` for anything else, and for instants after the year 9999.
    package static func date(_ value: ClaimValue) -> Date? {
        guard let seconds = value.numberValue, (0...253_402_300_799).contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }
}
