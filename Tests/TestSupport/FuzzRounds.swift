import Foundation

/// How often, or how long, a fuzz test goes on: a fixed number of rounds that are the same in every run, or, with
/// `STSBROKER_FUZZ_SECONDS` in the environment, that many seconds of rounds that begin elsewhere each time. A failure must
/// say what was sent.
package struct FuzzRounds {
    private let count: Int
    private let end: ContinuousClock.Instant?
    private var done = 0

    package private(set) var generator: SeededGenerator

    package init(_ count: Int, seed: UInt64 = 7) {
        let seconds = ProcessInfo.processInfo.environment["STSBROKER_FUZZ_SECONDS"].flatMap(Int.init)
        self.count = count
        end = seconds.map { ContinuousClock.now + .seconds($0) }
        generator = SeededGenerator(seed: seconds == nil ? seed : .random(in: 0 ... .max))
    }

    /// Runs `body` in each round.
    package static func repeated(_ count: Int, _ body: (inout SeededGenerator) throws -> Void) rethrows {
        var rounds = FuzzRounds(count)
        while rounds.next() { try body(&rounds.generator) }
    }

    /// Whether there is another round; `while rounds.next()` where a closure can't be.
    package mutating func next() -> Bool {
        done += 1
        return end.map { ContinuousClock.now < $0 } ?? (done <= count)
    }

    /// Calls `body` with the random numbers of this round.
    package mutating func generate<Value>(_ body: (inout SeededGenerator) throws -> Value) rethrows -> Value {
        try body(&generator)
    }
}
