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

    /// The client's address: the last one in `X-Forwarded-For` that isn't a trusted proxy's own. What stands before it was
    /// written by whoever is there, and says nothing.
    /// - Parameter forwarded: the values of all `X-Forwarded-For` fields, in order.
    /// - Returns: `nil` if it can't be known.
    package func client(of peer: ConnectionPeer, forwarded: [String]) -> SourceAddress? {
        var nearest: SourceAddress?
        if case .address(let address) = peer { nearest = address }
        guard trusts(peer) else { return nearest }
        let hops = forwarded.joined(separator: ",").split(separator: ",", omittingEmptySubsequences: false)
        for hop in forwarded.isEmpty ? [] : hops.reversed() {
            guard let address = Self.address(in: hop) else { return nil }
            nearest = address
            guard networks.contains(where: { $0.contains(address) }) else { return address }
        }
        return nearest
    }

    package func trusts(_ peer: ConnectionPeer) -> Bool {
        switch peer {
        case .address(let address): networks.contains { $0.contains(address) }
        case .unixSocket: trustsUnixSocket
        case .unknown: false
        }
    }

    /// Some proxies add the port, and then brackets around IPv6.
    private static func address(in hop: Substring) -> SourceAddress? {
        let text = hop.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        if text.hasPrefix("[") { return SourceAddress(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return SourceAddress(parts.count == 2 ? parts[0] : text)
    }
}

extension RequestSource {
    /// Of the request that the current task answers; set around every request, so that no route can forget it.
    @TaskLocal package static var current = RequestSource()
}
