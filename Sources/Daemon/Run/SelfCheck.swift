import Logging
import NIOCore
import Systemd

/// Tells the service manager's watchdog that the daemon works, twice in each of its intervals, as long as a real request to a
/// listener is answered. Otherwise it tells nothing, and the manager restarts the daemon.
struct SelfCheck<Sleeper: Clock>: Sendable where Sleeper.Duration == Duration {
    private let address: SocketAddress
    private let manager: ServiceManager
    private let pause: Duration
    private let clock: Sleeper
    private let logger: Logger

    /// `nil` if nobody watches, or there is nothing to ask.
    init?(_ address: SocketAddress?, manager: ServiceManager, clock: Sleeper, logger: Logger) {
        guard let address, let interval = manager.watchdogInterval else { return nil }
        self.address = address
        pause = interval / 2
        self.manager = manager
        self.clock = clock
        self.logger = logger
    }

    func run() async {
        repeat {
            if await isAnswered() {
                manager.alive()
            } else if !Task.isCancelled {
                logger.error("self-check unanswered", metadata: ["address": "\(address)"])
            }
        } while (try? await clock.sleep(for: pause)) != nil
    }

    func isAnswered() async -> Bool { await ListenerProbe(address: address).isAnswered(within: pause) }
}
