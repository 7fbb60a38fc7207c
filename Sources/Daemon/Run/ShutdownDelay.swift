/// The time between the first signal to stop and the end of service. Other containers of a task or pod may get the same signal
/// at the same time, and still need credentials to end properly.
struct ShutdownDelay<Sleeper: Clock>: Sendable where Sleeper.Duration == Duration {
    let duration: Duration
    let clock: Sleeper
    private let cuts: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init(_ duration: Duration, clock: Sleeper) {
        self.duration = duration
        self.clock = clock
        (cuts, end) = AsyncStream.makeStream(of: Void.self)
    }

    /// Returns after the delay, or once it was cut short. Waited for once.
    func pass() async {
        guard duration > .zero else { return }
        await withTaskGroup { group in
            group.addTask { try? await clock.sleep(for: duration) }
            group.addTask { for await _ in cuts {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the delay, also one that is still to come.
    func cutShort() { end.finish() }
}
