import FoundationEssentials
import Logging
import NIOSSL
import ServiceLifecycle
import StrictYAML
import Synchronization
import UnixSignals

/// The certificate with which new connections are greeted. Files that have changed are taken over while the broker runs;
/// connections that are open keep what they have, and what can't be used changes nothing.
final class ListenerTLS: Service {
    /// Between two looks at the files.
    private static let pause = Duration.seconds(10)

    private let paths: TLSPaths
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let current: Mutex<ServerIdentity>
    private let files: Mutex<SettledChange<[UInt8]>>

    /// Fails if the files can't be used. A certificate that has expired is used all the same: clients say so.
    init(
        _ paths: TLSPaths, metrics: BrokerMetrics, logger: Logger, now: @escaping @Sendable () -> Date
    ) throws(InvalidYAML) {
        let material = try TLSMaterial(paths)
        let identity = try ServerIdentity(material)
        self.paths = paths
        self.metrics = metrics
        self.logger = logger
        self.now = now
        current = Mutex(identity)
        files = Mutex(SettledChange(material.digest))
        if identity.expiration <= now() {
            logger.error("tls certificate has expired", metadata: metadata(of: identity))
        }
        metrics.certificateExpires(at: identity.expiration)
    }

    var context: NIOSSLContext { current.withLock { $0.context } }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch(ContinuousClock()) }
            for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { reload() }
            group.cancelAll()
        }
    }

    private func watch(_ clock: some Clock<Duration>) async {
        while (try? await clock.sleep(for: Self.pause)) != nil { look() }
    }

    /// Takes the files over if they have changed and rest again, so that nobody mixes an old key with a new certificate.
    func look() {
        guard let digest = try? TLSMaterial(paths).digest else { return }
        if files.withLock({ $0.isComplete(with: digest) }) { reload() }
    }

    func reload() {
        do throws(InvalidYAML) {
            let material = try TLSMaterial(paths)
            let identity = try ServerIdentity(material)
            guard identity.expiration > now() else {
                throw InvalidYAML(file: paths.certificate, position: nil, message: "has expired")
            }
            files.withLock { $0 = SettledChange(material.digest) }
            current.withLock { $0 = identity }
            metrics.certificateExpires(at: identity.expiration)
            logger.info("tls certificate reloaded", metadata: metadata(of: identity))
        } catch {
            logger.error("tls certificate not reloaded", metadata: ["reason": "\(error)"])
        }
    }

    private func metadata(of identity: ServerIdentity) -> Logger.Metadata {
        ["file": "\(paths.certificate)", "expires": "\(Int(identity.expiration.timeIntervalSince1970))"]
    }
}

/// Tells when something has changed and rests again.
struct SettledChange<Value: Equatable>: Equatable {
    private var known: Value
    private var last: Value

    init(_ value: Value) {
        known = value
        last = value
    }

    /// Whether the value differs from the one known so far and was the same at the look before. Then it is the known one.
    mutating func isComplete(with value: Value) -> Bool {
        defer { last = value }
        guard value == last, value != known else { return false }
        known = value
        return true
    }
}

extension SettledChange: Sendable where Value: Sendable {}
