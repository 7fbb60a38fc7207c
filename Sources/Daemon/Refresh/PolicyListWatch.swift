import ServiceLifecycle

/// Asks again before an answer is too old, and soon where there was none.
struct PolicyListWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(30) }

    let lists: PolicyLists
    let clock: Sleeper

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.pause)) != nil { await lists.refreshAll() }
        }
    }
}
