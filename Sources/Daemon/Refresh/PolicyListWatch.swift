import ServiceLifecycle

/// Asks again before an answer is too old, and soon where there was none.
struct PolicyListWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(30) }

    let lists: PolicyLists
    let clock: Sleeper

    func run() async {
        await cancelWhenGracefulShutdown {
            var next = clock.now.advanced(by: Self.pause)
            while (try? await clock.sleep(until: next, tolerance: nil)) != nil {
                // From the beginning of this look: what it takes doesn't put off the next one.
                next = clock.now.advanced(by: Self.pause)
                await lists.refreshAll()
            }
        }
    }
}
