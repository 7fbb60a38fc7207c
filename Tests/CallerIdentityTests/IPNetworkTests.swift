import Testing

@testable import CallerIdentity

@Suite("IPNetwork")
struct IPNetworkTests {
    @Test(
        "It holds the addresses with its prefix and no others",
        arguments: [
            (
                "172.17.0.0/16", ["172.17.0.0", "172.17.255.255", "::ffff:172.17.0.1"],
                ["172.16.255.255", "172.18.0.0", "::"]
            ),
            ("10.1.2.3", ["10.1.2.3"], ["10.1.2.2", "10.1.2.4", "::10.1.2.3"]),
            ("192.0.2.128/25", ["192.0.2.128"], ["192.0.2.127"]),
            ("fd00::/8", ["fd00::1", "fdff:ffff::"], ["fc00::1", "fe00::", "253.0.0.1"]),
            ("2001:db8:0:1::/64", ["2001:db8:0:1:ffff::"], ["2001:db8:0:2::"]),
            ("2001:db8::8000:0:0:0/65", ["2001:db8::8000:0:0:1"], ["2001:db8::7fff:0:0:1"]),
            ("fe80::1/128", ["fe80::1"], ["fe80::2"]),
        ])
    func contains(text: String, inside: [String], outside: [String]) throws {
        let network = try #require(IPNetwork(text))
        for address in inside { #expect(network.contains(try #require(IPAddress(address))), "\(address)") }
        for address in outside { #expect(!network.contains(try #require(IPAddress(address))), "\(address)") }
        #expect(IPNetwork(network.description) == network)
    }

    @Test(
        "What isn't clearly one network is none",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8",
            "10.0.0/8", "010.0.0.0/8x", "fd00::/129", "fd00::1/64", "fe80::1%eth0", "localhost", "10.0.0.0/٨",
            "10.0.0.0/99999999999999999999",
        ])
    func malformed(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test("Everything, and loopback, are told from networks that mean somebody")
    func special() throws {
        #expect(try ["0.0.0.0/0", "::/0"].allSatisfy { try #require(IPNetwork($0)).isEverything })
        #expect(try ["127.0.0.0/8", "127.0.0.1", "::1"].allSatisfy { try #require(IPNetwork($0)).isLoopback })
        for text in ["10.0.0.0/8", "0.0.0.0/1", "fd00::/8", "126.0.0.0/7", "::/1"] {
            let network = try #require(IPNetwork(text))
            #expect(!network.isEverything && !network.isLoopback, "\(text)")
        }
    }

    @Test("Addresses are written as RFC 5952 has it", arguments: ["10.0.0.1", "2001:db8::1", "::", "fe80::1:0:0:1"])
    func description(text: String) throws {
        #expect(try #require(IPAddress(text)).description == text)
    }
}
