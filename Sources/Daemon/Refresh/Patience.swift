/// Waits for work to end, but not for longer than anybody would.
struct Patience: Sendable {
    let limit: Duration
    let clock: any Clock<Duration>

    /// Cancels the work if it takes longer. A task group alone would wait for a provider that hangs.
    func wait(for work: @escaping @Sendable () async -> Void) async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let running = Task {
            await work()
            end.finish()
        }
        let timeout = Task { [clock, limit] in
            try? await clock.sleep(for: limit)
            end.finish()
        }
        for await _ in ends {}
        // What can't be cancelled ends by itself.
        running.cancel()
        timeout.cancel()
    }
}
