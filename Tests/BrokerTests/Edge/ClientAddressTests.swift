import AccessControl
import NIOCore
import Testing

@testable import Broker

@Suite struct ClientAddressTests {
    private func client(_ peer: String, _ forwarded: [String], trusting: [String]) throws -> String? {
        let proxies = try TrustedProxies(trusting)
        let peer = peer == "unix" ? ConnectionPeer.unixSocket : .address(try #require(SourceAddress(peer)))
        return proxies.client(of: peer, forwarded: forwarded)?.description
    }

    @Test(arguments: [
        // Without a proxy that is trusted, what the client writes is nothing.
        ("203.0.113.7", ["198.51.100.1"], [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], ["10.0.0.0/8"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        // The client wrote the first one, the proxy the last.
        ("10.0.0.1", ["127.0.0.1, 198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1", "198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        // Two proxies in a row, both trusted.
        ("10.0.0.1", ["9.9.9.9, 198.51.100.1,10.9.9.9"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["10.1.1.1, 10.2.2.2"], ["10.0.0.0/8"], "10.1.1.1"),
        // Without the header the proxy itself asks.
        ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], ["10.0.0.0/8"], "2001:db8:0:0:0:0:0:1"),
        ("10.0.0.1", ["2001:db8::1"], ["10.0.0.0/8"], "2001:db8:0:0:0:0:0:1"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("fd00::1", ["198.51.100.1"], ["fd00::/8"], "198.51.100.1"),
        ("unix", ["198.51.100.1"], ["unix"], "198.51.100.1"),
    ])
    func `the client is the last one that no trusted proxy is`(
        peer: String, forwarded: [String], trusting: [String], expected: String
    ) throws {
        #expect(try client(peer, forwarded, trusting: trusting) == expected)
    }

    @Test(arguments: [
        ("10.0.0.1", ["unknown"], ["10.0.0.0/8"]), ("10.0.0.1", ["198.51.100.1, "], ["10.0.0.0/8"]),
        ("10.0.0.1", [""], ["10.0.0.0/8"]), ("10.0.0.1", ["198.51.100.1, _hidden, 10.1.1.1"], ["10.0.0.0/8"]),
        ("unix", [], ["unix"]), ("unix", ["198.51.100.1"], ["127.0.0.0/8"]),
    ])
    func `what can't be known is unknown`(peer: String, forwarded: [String], trusting: [String]) throws {
        #expect(try client(peer, forwarded, trusting: trusting) == nil)
    }

    @Test(arguments: ["10.0.0.1/8", "example.com", "", "10.0.0.0/33", "Unix"])
    func `what is no network is refused`(entry: String) {
        #expect(throws: InvalidCondition.self) { try TrustedProxies([entry]) }
    }

    @Test func `connections tell who is at the other end`() throws {
        #expect(
            ConnectionPeer(try SocketAddress(ipAddress: "203.0.113.7", port: 1))
                == .address(try #require(SourceAddress("203.0.113.7"))))
        #expect(
            ConnectionPeer(try SocketAddress(ipAddress: "::ffff:203.0.113.7", port: 1))
                == .address(try #require(SourceAddress("203.0.113.7"))))
        #expect(ConnectionPeer(try SocketAddress(unixDomainSocketPath: "/run/a")) == .unixSocket)
        #expect(ConnectionPeer(nil) == .unknown)
    }

    @Test func `one subscriber's IPv6 is one network`() {
        #expect(SourceAddress("2001:db8:1:2:3:4:5:6")?.network == SourceAddress("2001:db8:1:2::"))
        #expect(SourceAddress("203.0.113.7")?.network == SourceAddress("203.0.113.7"))
    }
}
