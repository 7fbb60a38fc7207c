import HTTPExchange
import Testing

@Suite struct LoopbackHostTests {
    @Test(arguments: ["localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1", "[::1]"])
    func `this machine is loopback`(host: String) {
        #expect(LoopbackHost.contains(host))
    }

    @Test(arguments: [
        "", "localhost.example", "127.evil.example", "127.0.0.1.example", "127.0.0", "127.0.0.256", "127.0.0.+1",
        "126.0.0.1",
        "[::2]", "0.0.0.0",
    ])
    func `anything else is not`(host: String) {
        #expect(!LoopbackHost.contains(host))
    }
}
