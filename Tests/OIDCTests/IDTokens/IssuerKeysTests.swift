import Credentials
import FoundationEssentials
import IDTokens
import Synchronization
import TestSupport
import Testing

@testable import OIDC

/// How the verifier gets, keeps and renews an issuer's keys.
@Suite struct IssuerKeysTests {
    @Test("fetches once for many tokens, and again after ten minutes")
    func cachesKeys() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            for _ in 0..<5 { _ = try await verifier.verify(try key.token(provider.claims())) }
            #expect(provider.state.withLock { [$0.discoveries, $0.keyFetches] } == [1, 1])
            provider.time.advance(by: 599)
            _ = try await verifier.verify(try key.token(provider.claims()))
            #expect(provider.state.withLock { $0.keyFetches } == 1)
            provider.time.advance(by: 1)
            _ = try await verifier.verify(try key.token(provider.claims()))
            #expect(provider.state.withLock { $0.keyFetches } == 2)
        }
    }

    @Test("follows a rotation at once, and forgets the old key with it")
    func followsRotation() async throws {
        let (old, new) = (try TestKey.make("ES256", id: "old"), try TestKey.make("RS256", id: "new"))
        try await TestProvider.running(keys: [old]) { provider in
            let verifier = try provider.verifier()
            _ = try await verifier.verify(try old.token(provider.claims()))
            provider.state.withLock { $0.keys = [new.jwk] }
            _ = try await verifier.verify(try new.token(provider.claims()))
            provider.time.advance(by: 31)
            await #expect(throws: IDTokenError.unknownKey("old")) {
                try await verifier.verify(try old.token(provider.claims()))
            }
        }
    }

    @Test("lets made-up key ids cause one fetch in 30 seconds")
    func limitsForcedFetches() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            _ = try await verifier.verify(try key.token(provider.claims()))
            for number in 0..<20 {
                await #expect(throws: IDTokenError.unknownKey("k\(number + 100)")) {
                    try await verifier.verify(
                        try key.token(provider.claims(), header: ["kid": .string("k\(number + 100)")]))
                }
            }
            #expect(provider.state.withLock { $0.keyFetches } == 2)
            provider.time.advance(by: 30)
            await #expect(throws: IDTokenError.self) {
                try await verifier.verify(try key.token(provider.claims(), header: ["kid": .string("x")]))
            }
            #expect(provider.state.withLock { $0.keyFetches } == 3)
        }
    }

    @Test("goes on with old keys for a day while the provider is down, asking it every 30 seconds")
    func survivesOutage() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            _ = try await verifier.verify(try key.token(provider.claims()))
            provider.state.withLock { $0.isDown = true }
            provider.time.advance(by: 3_600)
            for _ in 0..<5 { _ = try await verifier.verify(try key.token(provider.claims())) }
            #expect(provider.state.withLock { $0.discoveries } == 2)
            provider.time.advance(by: 86_400 - 3_601)
            _ = try await verifier.verify(try key.token(provider.claims()))
            provider.time.advance(by: 1)
            let error = await #expect(throws: IDTokenError.self) {
                try await verifier.verify(try key.token(provider.claims()))
            }
            guard case .keysUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            provider.state.withLock { $0.isDown = false }
            provider.time.advance(by: 30)
            _ = try await verifier.verify(try key.token(provider.claims()))
        }
    }

    @Test("says that keys are unavailable, not that a key is unknown, when it could not look")
    func unavailableRatherThanUnknown() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            _ = try await verifier.verify(try key.token(provider.claims()))
            provider.state.withLock { $0.isDown = true }
            let error = await #expect(throws: IDTokenError.self) {
                try await verifier.verify(try key.token(provider.claims(), header: ["kid": .string("new")]))
            }
            guard case .keysUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("asks once when fifty tokens wait for the first keys")
    func singleFlight() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        let askers = Mutex(0)
        try await TestProvider.running(
            keys: [key],
            gate: {
                // Every verification reads the time just before it waits for keys.
                do {
                    try await awaited("all ask") { askers.withLock { $0 } >= 50 }
                } catch {
                    Issue.record(error)
                }
            }
        ) { provider in
            let verifier = try provider.verifier(now: { [time = provider.time] in
                askers.withLock { $0 += 1 }
                return time.now
            })
            let token = try key.token(provider.claims())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { _ = try await verifier.verify(token) } }
                try await group.waitForAll()
            }
            #expect(provider.state.withLock { [$0.discoveries, $0.keyFetches] } == [1, 1])
        }
    }

    @Test("takes the keys from a given address without discovery")
    func overridesAddress() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier(jwksURI: provider.issuer + "/keys")
            _ = try await verifier.verify(try key.token(provider.claims()))
            #expect(provider.state.withLock { [$0.discoveries, $0.keyFetches] } == [0, 1])
        }
    }

    @Test("does not trust a discovery document that names another issuer")
    func refusesForeignDiscovery() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            provider.state.withLock { $0.claimedIssuer = "https://evil.example" }
            let error = await #expect(throws: IDTokenError.self) {
                try await provider.verifier().verify(try key.token(provider.claims()))
            }
            guard case .keysUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(
        "does not use keys that are not meant for signatures, for another algorithm, or too weak",
        arguments: ["use", "alg", "key_ops", "short RSA", "x"])
    func refusesUnfitKey(what: String) async throws {
        var key = try TestKey.make(what == "short RSA" ? "RS256" : "ES256", id: "k1")
        switch what {
        case "use": key.jwk["use"] = .string("enc")
        case "alg": key.jwk["alg"] = .string("ES384")
        case "key_ops": key.jwk["key_ops"] = .array([.string("encrypt")])
        case "x": key.jwk["x"] = .string("AAAA")
        // 340 characters are 255 bytes: 2,040 bits.
        case "short RSA": key.jwk["n"] = key.jwk["n"]?.stringValue.map { .string(String($0.prefix(340))) }
        default: break
        }
        let good = try TestKey.make("ES256", id: "good")
        try await TestProvider.running(keys: [key, good]) { provider in
            let verifier = try provider.verifier()
            _ = try await verifier.verify(try good.token(provider.claims()))
            await #expect(throws: what == "alg" ? IDTokenError.algorithmNotAllowed("ES256") : .unknownKey("k1")) {
                try await verifier.verify(try key.token(provider.claims()))
            }
        }
    }
}
