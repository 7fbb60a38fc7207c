import AccessControl
import NIOCore
import Testing

@testable import Broker

@Suite struct ClientAddressTests {
    private static func peer(_ text: String) throws -> ConnectionPeer {
        text == "unix" ? .unixSocket : .address(try #require(SourceAddress(text)))
    }

    private func client(
        _ peer: String, _ listed: [String], forwarded: [String] = [], trusting: [String]
    ) throws -> String? {
        let addresses = ForwardedAddresses(xForwardedFor: listed, forwarded: forwarded)
        return try TrustedProxies(trusting).client(of: Self.peer(peer), forwarded: addresses)?.description
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
        // A proxy that says nothing is not its clients.
        ("10.0.0.1", [], ["10.0.0.0/8"]), ("unix", [], ["unix"]),
        ("10.0.0.1", [String(repeating: "198.51.100.1,", count: 400) + "198.51.100.1"], ["10.0.0.0/8"]),
        ("unix", ["198.51.100.1"], ["127.0.0.0/8"]),
    ])
    func `what can't be known is unknown`(peer: String, forwarded: [String], trusting: [String]) throws {
        #expect(try client(peer, forwarded, trusting: trusting) == nil)
    }

    @Test(arguments: [
        ("for=198.51.100.1", "198.51.100.1"), ("For=\"198.51.100.1:4711\";proto=https", "198.51.100.1"),
        ("proto=http; by=10.0.0.1 ; for=198.51.100.1:80;", "198.51.100.1"),
        ("for=\"[2001:db8::1]:4711\"", "2001:db8:0:0:0:0:0:1"), ("for=\"[2001:db8::1]\"", "2001:db8:0:0:0:0:0:1"),
        // The client wrote the first one, the proxy the last.
        ("for=127.0.0.1, for=198.51.100.1", "198.51.100.1"),
        ("for=9.9.9.9,for=198.51.100.1,for=10.9.9.9", "198.51.100.1"),
        ("for=unknown, for=198.51.100.1", "198.51.100.1"), ("x=\"a, for=9.9.9.9\", for=198.51.100.1", "198.51.100.1"),
        ("for=\"198.51\\.100.1\"", "198.51.100.1"),
    ])
    func `a proxy may say it as RFC 7239 has it`(field: String, expected: String) throws {
        #expect(try client("10.0.0.1", [], forwarded: [field], trusting: ["10.0.0.0/8"]) == expected)
        #expect(try client("unix", [], forwarded: [field], trusting: ["unix", "10.0.0.0/8"]) == expected)
        #expect(try client("10.0.0.1", [], forwarded: [field], trusting: []) == "10.0.0.1")
    }

    @Test(arguments: [
        "", "for", "for=", "=", "for=unknown", "for=_hidden", "for=198.51.100.1, proto=http", "for=198.51.100.1,",
        "for=198.51.100.1;for=198.51.100.1", "for=\"198.51.100.1", "for=\"198.51.100.1\\",
        // The client's quote must not swallow what the proxy says.
        "for=9.9.9.9;x=\", for=198.51.100.1", "for=9.9.9.9;x=\", for=\"198.51.100.1\"",
        "for=9.9.9.9;x=\", for=198.51.100.1;by=\"10.0.0.1\"", "for=198.51.100.1 for=9.9.9.9", "for = 198.51.100.1",
        String(repeating: "for=198.51.100.1,", count: 300) + "for=198.51.100.1",
    ])
    func `what a proxy says and RFC 7239 doesn't have, is unknown`(field: String) throws {
        #expect(try client("10.0.0.1", [], forwarded: [field], trusting: ["10.0.0.0/8"]) == nil)
    }

    @Test func `two headers count if they agree`() throws {
        func client(_ listed: String, _ forwarded: String) throws -> String? {
            try self.client("10.0.0.1", [listed], forwarded: [forwarded], trusting: ["10.0.0.0/8"])
        }
        #expect(try client("9.9.9.9, 198.51.100.1", "for=8.8.8.8, for=198.51.100.1") == "198.51.100.1")
        #expect(try client("198.51.100.1", "for=198.51.100.2") == nil)
        #expect(try client("198.51.100.1", "for=unknown") == nil)
        #expect(try client("unknown", "for=198.51.100.1") == nil)
    }

    @Test(arguments: [
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"), ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"), ("unix", ["198.51.100.1"], "198.51.100.1"),
        ("unix", ["unknown"], "0:0:0:0:0:0:0:0"), ("unix", [], nil),
    ])
    func `a client that is unknown counts as its proxy`(peer: String, listed: [String], expected: String?) throws {
        let proxies = try TrustedProxies(["10.0.0.0/8", "unix"])
        let (peer, forwarded) = (try Self.peer(peer), ForwardedAddresses(xForwardedFor: listed))
        let client = proxies.client(of: peer, forwarded: forwarded)
        #expect(proxies.counted(client, of: peer, forwarded: forwarded)?.description == expected)
        #expect(TrustedProxies().counted(nil, of: .unixSocket, forwarded: forwarded) == nil)
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
