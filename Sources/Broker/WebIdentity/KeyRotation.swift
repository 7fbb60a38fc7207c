import FoundationEssentials
import Logging
import ServiceLifecycle

/// Has signing keys come and go on time, for as long as the server runs.
struct KeyRotation<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    /// It looks so often at least: the wall clock can jump, and machines sleep. And so long after files could not be written.
    private static var pause: Duration { .seconds(60) }

    let keys: SigningKeys
    let clock: Sleeper
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.pause)) != nil { rotate() }
        }
    }

    private func rotate() {
        do throws(SigningKeyFault) {
            let change = try keys.rotate()
            for id in change.added { logger.info("signing key published", metadata: ["kid": "\(id)"]) }
            for id in change.dropped { logger.info("signing key withdrawn", metadata: ["kid": "\(id)"]) }
        } catch {
            logger.error("signing keys not rotated", metadata: ["reason": "\(error)"])
        }
    }
}
