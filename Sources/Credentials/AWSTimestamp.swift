package import FoundationEssentials

/// Instants as AWS writes them on the wire: RFC 3339, UTC, `Z`.
package enum AWSTimestamp {
    /// Exactly `yyyy-MM-ddTHH:mm:ssZ`; botocore parses IMDS dates with that one format. Fractions are cut off.
    package static func text(_ date: Date) -> String {
        date.formatted(.iso8601)
    }

    /// An instant written with or without fractions of a second: AWS sends none, some emulators do. `nil` if it is neither.
    package static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
