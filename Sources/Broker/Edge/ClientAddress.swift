package import AccessControl
import NIOCore

/// Who is at the other end of a connection to the broker.
package enum ConnectionPeer: Sendable, Equatable {
    case address(SourceAddress)
    /// Somebody on this machine whom the socket's mode lets in.
    case unixSocket
    case unknown

    init(_ address: SocketAddress?) {
        switch address {
        case .unixDomainSocket?: self = .unixSocket
        case let address?: self = address.ipAddress.flatMap { SourceAddress($0) }.map { .address($0) } ?? .unknown
        case nil: self = .unknown
        }
    }

    var address: SourceAddress? {
        if case .address(let address) = self { address } else { nil }
    }
}

/// `listen.trusted_proxies:` whose word about the client's address counts: networks, and `unix` for whoever is on the
/// Unix socket.
package struct TrustedProxies: Sendable, Decodable, Equatable {
    private let networks: [AddressRange]
    private let trustsUnixSocket: Bool

    /// Trusts nobody.
    package init() {
        networks = []
        trustsUnixSocket = false
    }

    package init(_ entries: [String]) throws(InvalidCondition) {
        var networks: [AddressRange] = []
        for entry in entries where entry != "unix" {
            do throws(UnreadableScalar) {
                networks.append(try AddressRange(entry))
            } catch {
                throw InvalidCondition(value: entry, error.problem)
            }
        }
        self.networks = networks
        trustsUnixSocket = entries.contains("unix")
    }

    package init(from decoder: any Decoder) throws {
        let entries = try [String](from: decoder)
        do throws(InvalidCondition) {
            try self.init(entries)
        } catch {
            throw decoder.refusal("has an entry that is neither \"unix\" nor a network: \(error)")
        }
    }

    /// The client's address: of a connection that no trusted proxy has made, the other end's; else the last one in what the proxies say
    /// that isn't a trusted proxy's own. What stands before it was written by whoever is there, and says nothing.
    /// - Returns: `nil` if it can't be known: the proxy says nothing, something else than addresses, or two things that disagree.
    package func client(of peer: ConnectionPeer, forwarded: ForwardedAddresses) -> SourceAddress? {
        guard trusts(peer) else { return peer.address }
        let clients = forwarded.chains.map(client(in:))
        guard let client = clients.first, clients.allSatisfy({ $0 == client }) else { return nil }
        return client
    }

    private func client(in chain: [SourceAddress?]) -> SourceAddress? {
        var nearest: SourceAddress?
        for hop in chain.reversed() {
            guard let address = hop else { return nil }
            nearest = address
            guard networks.contains(where: { $0.contains(address) }) else { return address }
        }
        return nearest
    }

    /// Whose limits a request counts to: the client's, or the proxy's where the client is unknown, so that nobody escapes them by a header.
    /// On a Unix socket all of those count as one, and `nil` whoever comes without a proxy.
    /// - Parameter client: what ``client(of:forwarded:)`` says.
    package func counted(
        _ client: SourceAddress?, of peer: ConnectionPeer, forwarded: ForwardedAddresses
    ) -> SourceAddress? {
        let isForwarded = peer == .unixSocket && trustsUnixSocket && !forwarded.chains.isEmpty
        return client ?? peer.address ?? (isForwarded ? SourceAddress("::") : nil)
    }

    package func trusts(_ peer: ConnectionPeer) -> Bool {
        switch peer {
        case .address(let address): networks.contains { $0.contains(address) }
        case .unixSocket: trustsUnixSocket
        case .unknown: false
        }
    }
}

extension RequestSource {
    /// Of the request that the current task answers; set around every request, so that no route can forget it.
    @TaskLocal package static var current = RequestSource()
}
