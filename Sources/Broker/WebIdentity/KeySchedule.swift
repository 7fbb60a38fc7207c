import FoundationEssentials

/// When signing keys come, sign and go. Pure: the caller brings the keys' instants and the time.
///
/// A key is published before it signs, so that whoever has fetched the keys a while ago knows it in time, and stays published
/// until the last token that it signed has long expired.
struct KeySchedule: Sendable, Equatable {
    /// The longest time that a key is published before it signs, and after it has signed.
    static let longestOverlap: TimeInterval = 86_400

    /// How long a key signs, in seconds.
    let period: TimeInterval

    /// A fourth of the period, or a day.
    var overlap: TimeInterval { min(Self.longestOverlap, period / 4) }

    enum Step: Equatable {
        /// Add a key that signs from then on.
        case add(signsFrom: Date)
        /// The first keys, so many, have had their time.
        case drop(Int)
        /// Nothing before then.
        case rest(until: Date)
    }

    /// - Parameter starts: when each key begins to sign, earliest first.
    func step(_ starts: [Date], at now: Date) -> Step {
        guard let newest = starts.last else { return .add(signsFrom: now) }
        let next = newest.addingTimeInterval(period)
        if now >= next.addingTimeInterval(-overlap) {
            return .add(signsFrom: max(next, now.addingTimeInterval(overlap)))
        }
        let gone = starts.dropFirst().prefix { $0.addingTimeInterval(overlap) <= now }.count
        if gone > 0 { return .drop(gone) }
        let nextDrop = starts.dropFirst().first.map { $0.addingTimeInterval(overlap) }
        return .rest(until: min(next.addingTimeInterval(-overlap), nextDrop ?? .distantFuture))
    }

    /// The place of the key that signs now: the last that may. If a clock has been set back and none may, the first.
    func signer(_ starts: [Date], at now: Date) -> Int? {
        starts.lastIndex { $0 <= now } ?? starts.indices.first
    }
}
