import ArgumentParser

/// A length of time as people write it: a whole number and a unit, such as `60s`, `15m`, `1h`.
package struct DurationText: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    package var duration: Duration
    package var description: String

    /// One second to 366 days.
    package init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        let digits = argument.dropLast()
        guard let unit = argument.last.flatMap({ units[$0] }), !digits.isEmpty, digits.count <= 9,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int64(digits), (1...31_622_400).contains(count * unit)
        else { return nil }
        duration = .seconds(count * unit)
        description = argument
    }

    package var defaultValueDescription: String { description }
}
