import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite("RequestHygiene")
struct RequestHygieneTests {
    private func fault(
        _ headers: [(String, String)], target: String = "/", version: HTTPVersion = .http1_1,
        address: String? = "127.0.0.1"
    ) -> MetadataError? {
        let configuration = ListenerConfiguration(
            name: "test", face: .instanceMetadata, address: .tcp(host: "127.0.0.1", port: 8080))
        let listener = ListenerContext(configuration, address: address, port: 8080)
        return RequestHygiene.fault(of: MetadataRequest(.GET, target, headers, version: version), at: listener)
    }

    @Test(
        "The own address is accepted, bare or with the own port",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("127.0.0.1:8080", "127.0.0.1"), ("[::1]", "::1"), ("[::1]:8080", "::1"),
            ("[FD00:EC2::23]:8080", "fd00:ec2::23"),
        ])
    func ownHost(host: String, address: String) {
        #expect(fault([("Host", host)], address: address) == nil)
        #expect(fault([("hOsT", host)], address: address) == nil)
    }

    @Test(
        "Any other Host is foreign: DNS rebinding",
        arguments: [
            "attacker.example", "attacker.example:8080", "127.0.0.1:80", "127.0.0.1:", "127.0.0.2", "localhost",
            "localhost:8080",
            "127.0.0.1.attacker.example", "127.1", "2130706433", "[::ffff:127.0.0.1]", "::1", "", "127.0.0.1 ",
            "127.0.0.1,x",
            "user@127.0.0.1", "127.0.0.1:8080:8080",
        ])
    func foreignHost(host: String) {
        #expect(fault([("Host", host)]) == .foreignHost)
    }

    @Test("Over a Unix socket the Host is localhost")
    func unixHost() {
        #expect(fault([("Host", "localhost")], address: nil) == nil)
        #expect(fault([("Host", "attacker.example")], address: nil) == .foreignHost)
    }

    @Test("Configured names are accepted too")
    func additionalHosts() {
        #expect(AllowedHosts(["127.0.0.1", "Credentials.Internal"], port: 1).contain("credentials.internal:1"))
        #expect(!AllowedHosts(["127.0.0.1"], port: 1).contain("credentials.internal:1"))
    }

    @Test("HTTP/1.1 needs one Host, HTTP/1.0 none")
    func hostCount() {
        #expect(fault([]) == .invalidHost)
        #expect(fault([("Host", "127.0.0.1"), ("Host", "127.0.0.1")]) == .invalidHost)
        #expect(fault([], version: .http1_0) == nil)
        #expect(fault([("Host", "attacker.example")], version: .http1_0) == .foreignHost)
    }

    @Test(
        "What a browser sends gives it away",
        arguments: [
            ("Origin", "http://127.0.0.1:8080"), ("Origin", "null"), ("referer", ""), ("Sec-Fetch-Site", "none"),
            ("sec-fetch-mode", "cors"),
            ("SEC-FETCH-DEST", "image"), ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ])
    func browser(name: String, value: String) {
        #expect(fault([("Host", "127.0.0.1"), (name, value)]) == .fromBrowser)
    }

    @Test(
        "What a proxy adds gives it away, even empty",
        arguments: [
            "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "Forwarded", "VIA",
        ])
    func proxy(name: String) {
        #expect(fault([("Host", "127.0.0.1"), (name, "")]) == .forwarded)
    }

    @Test(
        "What SDKs send is clean",
        arguments: [
            ("User-Agent", "aws-sdk-go-v2/1.30.0 os/linux"), ("User-Agent", ""), ("Accept", "*/*"),
            ("amz-sdk-request", "attempt=1"),
            ("Authorization", "x"), ("X-Forwarded", "x"), ("Sec-Fetch", "x"), ("Connection", "keep-alive"),
        ])
    func clean(name: String, value: String) {
        #expect(fault([("Host", "127.0.0.1"), (name, value)]) == nil)
    }

    @Test("The target is a path of bounded length")
    func target() {
        let host = [("Host", "127.0.0.1")]
        #expect(fault(host, target: "http://127.0.0.1/latest/") == .invalidTarget)
        #expect(fault(host, target: "*") == .invalidTarget)
        #expect(fault(host, target: "") == .invalidTarget)
        #expect(fault(host, target: "/" + String(repeating: "a", count: 2559)) == nil)
        #expect(fault(host, target: "/" + String(repeating: "a", count: 2560)) == .targetTooLong)
    }
}
