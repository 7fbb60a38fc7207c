import BrokerStore
import Glibc
import Hummingbird
import Logging
import ServiceLifecycle
import StrictYAML
import Systemd

/// Where the server listens, and what it says of that.
extension BrokerServer {
    /// The certificate of connections; `nil` for plain HTTP, of which the log warns where it leaves this machine.
    func listenerTLS() throws(InvalidYAML) -> ListenerTLS? {
        guard let paths = loaded.tls else {
            if loaded.server.listen.place.leavesThisMachine {
                logger.warning(
                    "listening without tls beyond this machine; configure listen.tls, or put a tls proxy in front")
            }
            return nil
        }
        return try ListenerTLS(paths, metrics: metrics, logger: logger, now: now)
    }

    /// Answers requests. The service manager is told as soon as it listens.
    func application(_ parts: BrokerParts) -> any Service {
        buildApplication(
            parts, address: loaded.server.listen.place.bindAddress,
            onRunning: { [manager, logger] address in
                let place = address.announce("listening", in: logger)
                manager.ready(status: "Listens at \(place)")
            })
    }

    /// Answers those who watch the broker; `nil` if there is no address for them.
    func metricsApplication(_ parts: BrokerParts, _ records: SQLiteRecords) -> (any Service)? {
        guard let place = loaded.server.metrics?.place else { return nil }
        if place.leavesThisMachine {
            logger.warning("metrics are readable beyond this machine; put a firewall before them")
        }
        return buildMetricsApplication(
            parts, records: records, address: place.bindAddress,
            onRunning: { [logger] address in _ = address.announce("metrics", in: logger) })
    }
}

extension ListeningAddress {
    /// Opens a Unix socket to the group, and says in the log where something listens.
    /// - Parameter what: the log's message.
    /// - Returns: the place as text.
    fileprivate func announce(_ what: Logger.Message, in logger: Logger) -> String {
        if let path { chmod(path, 0o660) }
        let place = path ?? port.map { "port \($0)" } ?? "unknown"
        logger.info(what, metadata: ["at": "\(place)"])
        return place
    }
}
