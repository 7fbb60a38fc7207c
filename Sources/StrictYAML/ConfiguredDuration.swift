/// A length of time in a configuration: a whole number and a unit, `30s`, `15m`, `12h` or `7d`. Never negative.
package struct ConfiguredDuration: Sendable, Hashable, Decodable {
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// `nil` if `text` isn't a number and a unit, or is over 3,650 days.
    package init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number <= 3650 * 86_400 / unit
        else { return nil }
        duration = .seconds(number * unit)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = ConfiguredDuration(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "must be a length of time like 30s, 15m, 12h or 7d, but is \"\(text)\""))
        }
        self = value
    }

    /// The length in whole seconds.
    package var seconds: Int64 { duration.components.seconds }
}
