import AccessControl
import NIOCore
import Synchronization

/// The connections to the broker, of which there are only so many, in all and from one address.
///
/// A host commonly has a whole /64 of IPv6 for itself, so that is what counts as one address there.
package final class OpenConnections: Sendable {
    package struct Limits: Sendable, Equatable {
        package let all: Int
        package let perAddress: Int

        /// A daemon needs two or three; a company's people may share one address.
        package static let defaultPerAddress = 512

        package init(all: Int = 4096, perAddress: Int = defaultPerAddress) {
            self.all = all
            self.perAddress = perAddress
        }
    }

    private struct State {
        var networks: [SourceAddress: Int] = [:]
        /// What the client's certificate says, by connection.
        var certificates: [ObjectIdentifier: String] = [:]
        var count = 0
    }

    private let limits: Limits
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    /// - Parameter proxies: may have any number of connections, since everybody's come through them.
    init(limits: Limits, proxies: TrustedProxies) {
        self.limits = limits
        self.proxies = proxies
    }

    var count: Int { state.withLock { $0.count } }

    /// Counts the connection until it closes; `false` if it is one too many.
    func admit(_ channel: any Channel) -> Bool {
        let peer = ConnectionPeer(channel.remoteAddress)
        var network: SourceAddress?
        if case .address(let address) = peer, !proxies.trusts(peer) { network = address.network }
        let isAdmitted = state.withLock { [network, limits] state in
            guard state.count < limits.all else { return false }
            if let network {
                guard state.networks[network, default: 0] < limits.perAddress else { return false }
                state.networks[network, default: 0] += 1
            }
            state.count += 1
            return true
        }
        guard isAdmitted else { return false }
        let id = ObjectIdentifier(channel)
        channel.closeFuture.whenComplete { [network] _ in self.remove(id, of: network) }
        return true
    }

    func setCertificate(_ name: String, of channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { $0.certificates[id] = name }
    }

    /// `nil` without one.
    func certificate(of channel: any Channel) -> String? {
        let id = ObjectIdentifier(channel)
        return state.withLock { $0.certificates[id] }
    }

    private func remove(_ id: ObjectIdentifier, of network: SourceAddress?) {
        state.withLock { state in
            state.count -= 1
            state.certificates[id] = nil
            guard let network, let count = state.networks[network] else { return }
            state.networks[network] = count > 1 ? count - 1 : nil
        }
    }
}
