import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

@Suite struct OpenConnectionsTests {
    private func connection(from address: String) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: address, port: 1)).wait()
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 1)
        return channel
    }

    private func admitted(_ connections: OpenConnections, _ addresses: [String]) throws -> [Bool] {
        try addresses.map { connections.admit(try connection(from: $0)) }
    }

    @Test func `one address has only so many, and all together`() throws {
        let connections = OpenConnections(limits: .init(all: 4, perAddress: 2), proxies: TrustedProxies())
        let addresses = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
        #expect(try admitted(connections, addresses) == [true, true, false, true, true, false])
        #expect(connections.count == 4)
    }

    @Test func `a network of IPv6 is one address`() throws {
        let connections = OpenConnections(limits: .init(all: 9, perAddress: 1), proxies: TrustedProxies())
        #expect(try admitted(connections, ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]) == [true, false, true])
    }

    @Test func `a trusted proxy has as many as there may be`() throws {
        let connections = OpenConnections(
            limits: .init(all: 3, perAddress: 1), proxies: try TrustedProxies(["192.0.2.0/24"]))
        #expect(try admitted(connections, Array(repeating: "192.0.2.1", count: 4)) == [true, true, true, false])
    }

    @Test func `what has closed makes room, and takes its certificate along`() throws {
        let connections = OpenConnections(limits: .init(all: 1, perAddress: 1), proxies: TrustedProxies())
        let first = try connection(from: "192.0.2.1")
        #expect(connections.admit(first))
        connections.setCertificate("dns:a", of: first)
        #expect(connections.certificate(of: first) == "dns:a")
        #expect(try admitted(connections, ["192.0.2.2"]) == [false])
        try first.close().wait()
        first.embeddedEventLoop.run()
        #expect(connections.count == 0 && connections.certificate(of: first) == nil)
        #expect(try admitted(connections, ["192.0.2.1"]) == [true])
    }
}
