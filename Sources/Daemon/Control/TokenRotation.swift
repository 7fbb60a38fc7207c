import Logging
import MetadataServer
import ServiceLifecycle

/// Gives each user a new authorization token now and then. The one before stays good until the next rotation: SDKs read the file
/// again for each request, as they must for Kubernetes' projected tokens.
struct TokenRotation<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    /// After files could not be written.
    private static var retryPause: Duration { .seconds(60) }

    private let period: Duration
    private let tokens: ContainerTokens
    private let files: TokenFiles
    private let clock: Sleeper
    private let logger: Logger

    init(every period: Duration, tokens: ContainerTokens, files: TokenFiles, clock: Sleeper, logger: Logger) {
        self.period = period
        self.tokens = tokens
        self.files = files
        self.clock = clock
        self.logger = logger
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            var isWritten = true
            while (try? await clock.sleep(for: isWritten ? period : Self.retryPause)) != nil {
                if isWritten { tokens.rotate() }
                isWritten = rewrite()
            }
        }
    }

    private func rewrite() -> Bool {
        do throws(TokenFileFault) {
            try files.rewrite()
            logger.info("authorization tokens rotated")
            return true
        } catch {
            logger.error("new authorization tokens not written", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
