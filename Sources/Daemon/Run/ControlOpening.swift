import CallerIdentity
import CredentialCache
import DaemonAPI
import FoundationEssentials
import Logging
import MetadataServer
import NIOCore
import NIOPosix

/// Opens what is served beside the listeners for SDKs: the control socket, and the address for metrics.
struct ControlOpening: Sendable {
    let current: CurrentSettings
    let callers: CallerState
    let signIns: SignInStore
    let cache: CredentialCache
    let tokenFiles: TokenFiles
    let policyLists: PolicyLists?
    /// `nil` if nobody watches.
    let monitoring: Monitoring?
    let logger: Logger
    let now: @Sendable () -> Date

    private var settings: DaemonSettings { current.value }

    /// - Parameter bound: what it tells of when it is asked for listeners.
    func openControl(
        _ socket: UnixSocketFile, _ bound: [BoundListener]
    ) async throws(ListenerError) -> BoundControl {
        let faces = Dictionary(settings.listeners.map { ($0.name, $0.face.rawValue) }) { first, _ in first }
        let listeners = bound.map { ListenerStatus(name: $0.name, face: faces[$0.name] ?? "", address: $0.text) }
        let service = ControlService(
            settings: current, callers: callers, signIns: signIns, cache: cache, tokenFiles: tokenFiles,
            policyLists: policyLists, listeners: { listeners }, pages: monitoring?.pages(cache, current, now: now),
            logger: logger, now: now)
        return try await ControlListener(service: service, resolver: CallerResolver(), logger: logger)
            .listen(on: socket, of: MultiThreadedEventLoopGroup.singleton)
    }

    /// `nil` if no address is configured. Closes the control socket if it can't be had.
    func openMonitoring(beside control: BoundControl) async throws(ListenerError) -> BoundMonitoring? {
        guard let monitoring, let address = settings.metricsAddress else { return nil }
        let listener = MonitoringListener(pages: monitoring.pages(cache, current, now: now), logger: logger)
        do throws(ListenerError) {
            let bound = try await listener.bind(to: address, on: MultiThreadedEventLoopGroup.singleton)
            logger.info("metrics", metadata: ["address": "\(bound.text)"])
            return bound
        } catch {
            await control.close(within: .zero)
            throw error
        }
    }
}
