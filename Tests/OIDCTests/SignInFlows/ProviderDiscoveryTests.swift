import HTTPExchange
import NIOHTTP1
import OIDC
import Synchronization
import TestSupport
import Testing

@Suite struct ProviderDiscoveryTests {
    @Test("reads a provider's endpoints")
    func readsEndpoints() async throws {
        try await TestProvider.running(keys: []) { provider in
            let metadata = try await ProviderDiscovery(http: .shared).metadata(of: provider.issuer)
            #expect(metadata.issuer == provider.issuer)
            #expect(metadata.tokenEndpoint == provider.issuer + "/token")
            #expect(metadata.deviceAuthorizationEndpoint == nil)
        }
    }

    @Test("refuses a document of another issuer")
    func refusesOtherIssuer() async throws {
        try await TestProvider.running(keys: []) { provider in
            provider.state.withLock { $0.claimedIssuer = "https://idp.example" }
            let error = await #expect(throws: SignInError.self) {
                try await ProviderDiscovery(http: .shared).metadata(of: provider.issuer)
            }
            guard case .invalidAnswer? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("refuses documents that are broken or lead off https", arguments: ["", "{}", "[]", "EVIL"])
    func refusesDocument(body: String) async throws {
        await #expect(throws: SignInError.self) {
            try await ScriptedServer.running({ request in
                guard body == "EVIL" else { return .text(body) }
                let url = "http://\(request.headers["Host"].first ?? "")"
                return .text(
                    #"{"issuer":"\#(url)","authorization_endpoint":"http://evil.example/a","#
                        + #""token_endpoint":"\#(url)/t","jwks_uri":"\#(url)/k"}"#)
            }) { server in
                _ = try await ProviderDiscovery(http: .shared).metadata(of: server.url)
            }
        }
    }

    @Test(
        "does not call an issuer that is not https",
        arguments: ["http://idp.example", "file:///etc/passwd", "", "https://"])
    func refusesIssuer(issuer: String) async throws {
        let error = await #expect(throws: SignInError.self) {
            try await ProviderDiscovery(http: .shared).metadata(of: issuer)
        }
        guard case .refused? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("calls a provider that is down unavailable")
    func unavailable() async throws {
        try await TestProvider.running(keys: []) { provider in
            provider.state.withLock { $0.isDown = true }
            let error = await #expect(throws: SignInError.self) {
                try await ProviderDiscovery(http: .shared).metadata(of: provider.issuer)
            }
            guard case .unavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
