import FoundationEssentials
import MetadataServer
import ServiceLifecycle

/// Removes the files of scoped tokens that have ended, with their process or their time. The tokens themselves are good for
/// nothing from that very instant.
struct ScopedTokenSweep<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(10) }

    let tokens: ScopedTokens
    let files: TokenFiles
    let clock: Sleeper
    let now: @Sendable () -> Date

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.pause)) != nil {
                let living = tokens.living(at: now())
                files.removeScoped { !living.contains($0) }
            }
        }
    }
}
