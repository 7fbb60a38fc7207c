/// Waits until the condition holds, for what other threads do without telling. Throws after a minute: a test that hangs says nothing of why.
package func awaited(_ what: String, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < end else { throw NotAwaited(what: what) }
        try await ContinuousClock().sleep(for: .milliseconds(2))
    }
}

/// What did not come.
package struct NotAwaited: Error, CustomStringConvertible {
    let what: String

    package var description: String { "it did not come within a minute: \(what)" }
}
