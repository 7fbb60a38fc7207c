/// How far the clocks of one time zone are ahead of UTC, at any instant: what a TZif file says (RFC 8536).
package struct ZoneOffsets: Sendable, Equatable {
    /// The instants at which the offset changes, in seconds since 1970, ascending; and the offset from each on.
    let changes: [(from: Int64, offset: Int)]
    /// Before the first of them.
    let first: Int
    /// After the last of them, if the file has a rule for that.
    let rule: ZoneRule?

    /// Always the same.
    package static let utc = ZoneOffsets(changes: [], first: 0, rule: nil)

    /// In seconds, positive to the east of Greenwich.
    package func offset(at seconds: Int64) -> Int {
        guard let last = changes.last, seconds < last.from else {
            return rule?.offset(at: seconds) ?? changes.last?.offset ?? first
        }
        // The last change that isn't after the instant.
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].from <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : changes[low - 1].offset
    }

    package static func == (one: ZoneOffsets, other: ZoneOffsets) -> Bool {
        one.first == other.first && one.rule == other.rule
            && one.changes.elementsEqual(other.changes) { $0 == $1 }
    }
}

/// Whether a text may be the name of a time zone, and so of a file below zoneinfo: `Europe/Berlin`, `UTC`, `Etc/GMT+1`.
package func isZoneName(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return (1...64).contains(text.utf8.count)
        && parts.allSatisfy { part in
            part.first.map { isASCIILetter($0) } == true
                && part.allSatisfy { isASCIILetter($0) || isDigit($0) || "_+-".utf8.contains($0) }
        }
}

private func isASCIILetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
