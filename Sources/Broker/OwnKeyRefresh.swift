import AWSAPI
import ServiceLifecycle

/// Has the broker's own AWS key renewed ahead of its end, for as long as the server runs.
struct OwnKeyRefresh<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    /// It looks so often at least: the wall clock can jump, and machines sleep.
    private static var longestPause: Duration { .seconds(30) }
    private static var shortestPause: Duration { .seconds(1) }

    let keys: OwnKeys
    let clock: Sleeper

    func run() async {
        await cancelWhenGracefulShutdown {
            while true {
                let pause = min(max(await keys.pauseUntilDue(), Self.shortestPause), Self.longestPause)
                guard (try? await clock.sleep(for: pause)) != nil else { return }
                await keys.refreshIfDue()
            }
        }
    }
}
