import Credentials
import Crypto
import FoundationEssentials
import IDTokens
import Synchronization
import Testing

@testable import OIDC

@Suite struct IDTokenVerifierTests {
    @Test(
        "accepts every algorithm it supports, checked against another signer",
        arguments: TrustedIssuer.supportedAlgorithms)
    func acceptsAlgorithm(name: String) async throws {
        let key = try TestKey.make(name, id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier(algorithms: [name])
            let token = try key.token(provider.claims())
            let verified = try await verifier.verify(token)
            #expect(verified.subject == "alice")
            #expect(verified.audiences == ["client"])
            #expect(verified.expiration == provider.time.now.addingTimeInterval(3_600))
            #expect(verified.issuedAt == provider.time.now)
            #expect(verified.claims["groups"]?.stringValues == ["dev", "ops"])

            await #expect(throws: IDTokenError.badSignature) { try await verifier.verify(Self.alteredPayload(token)) }
            await #expect(throws: IDTokenError.badSignature) { try await verifier.verify(Self.alteredSignature(token)) }
            await #expect(throws: IDTokenError.badSignature) { try await verifier.verify(Self.emptySignature(token)) }
        }
    }

    @Test(
        "judges the claims of a token that is signed right",
        arguments: [
            (["exp": .number(1_799_999_940)], .expired), (["exp": .number(1_799_999_000)], .expired),
            (["exp": .number(1_799_999_941)], nil), (["exp": .null], .missingClaim("exp")),
            (["exp": .string("1900000000")], .missingClaim("exp")), (["exp": .number(1e300)], .missingClaim("exp")),
            (["exp": .number(-1)], .missingClaim("exp")), (["exp": .number(1_800_000_000.5)], nil),
            (["nbf": .number(1_800_000_061)], .notYetValid), (["nbf": .number(1_800_000_060)], nil),
            (["nbf": .string("soon")], .missingClaim("nbf")), (["nbf": .null], nil),
            (["iat": .number(1_800_000_061)], .notYetValid), (["iat": .null], nil),
            (["aud": .string("stranger")], .wrongAudience), (["aud": .null], .missingClaim("aud")),
            (["aud": .array([])], .missingClaim("aud")), (["aud": .array([.number(1)])], .missingClaim("aud")),
            (["aud": .array([.string("client")])], nil), (["aud": .string("Client")], .wrongAudience),
            (["aud": .array([.string("client"), .string("x")])], .missingClaim("azp")),
            (["aud": .array([.string("client"), .string("x")]), "azp": .string("x")], .wrongAudience),
            (["aud": .array([.string("client"), .string("x")]), "azp": .string("client")], nil),
            (["azp": .string("stranger")], .wrongAudience), (["azp": .number(1)], .wrongAudience),
            (["azp": .string("other client")], nil), (["sub": .string("alice\u{0}x")], .missingClaim("sub")),
            (["sub": .string("al ice")], .missingClaim("sub")), (["sub": .string("älice")], .missingClaim("sub")),
            (["sub": .string(String(repeating: "a", count: 256))], .missingClaim("sub")),
            (["sub": .null], .missingClaim("sub")), (["sub": .string("")], .missingClaim("sub")),
            (["sub": .number(7)], .missingClaim("sub")), (["token_use": .string("access")], .wrongTokenUse),
            (["token_use": .null], .wrongTokenUse), (["iss": .null], .missingClaim("iss")),
            (["iss": .string("https://evil.example")], .unknownIssuer("https://evil.example")),
        ] as [([String: ClaimValue], IDTokenError?)])
    func judgesClaims(changes: [String: ClaimValue], error: IDTokenError?) async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier(tokenUse: "id")
            let claims = provider.claims(["token_use": .string("id")].merging(changes) { $1 })
            let result = await Self.result { try await verifier.verify(try key.token(claims)) }
            #expect(result == error)
        }
    }

    @Test(
        "refuses headers that would weaken the check",
        arguments: [
            (["alg": .string("none")], .algorithmNotAllowed("none")),
            (["alg": .string("HS256")], .algorithmNotAllowed("HS256")),
            (["alg": .string("es256")], .algorithmNotAllowed("es256")),
            (["alg": .string("RS256")], .algorithmNotAllowed("RS256")),
            (["alg": .string("ES384")], .algorithmNotAllowed("ES384")),
            (["alg": .null], .malformed("its header has no alg")),
            (["alg": .number(5)], .malformed("its header has no alg")), (["kid": .string("k2")], .unknownKey("k2")),
            (["kid": .number(5)], .malformed("its header's kid is not a text")),
            (["crit": .array([.string("exp")])], .malformed("its header has crit, and no extension is supported")),
            (["typ": .string("at+jwt")], .malformed("its header's typ is not JWT")),
            (["jku": .string("https://evil.example/keys")], nil), (["typ": .null], nil), (["kid": .null], nil),
        ] as [([String: ClaimValue], IDTokenError?)])
    func judgesHeader(header: [String: ClaimValue], error: IDTokenError?) async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            let result = await Self.result {
                try await verifier.verify(try key.token(provider.claims(), header: header))
            }
            #expect(result == error)
        }
    }

    @Test("refuses an HMAC made with the public key, even were HS256 asked for")
    func refusesKeyConfusion() async throws {
        let key = try TestKey.make("RS256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let modulus = try #require(key.jwk["n"]?.stringValue)
            let forger = TestKey(id: "k1", algorithm: "HS256", jwk: [:]) { input in
                Data(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: Array(modulus.utf8))))
            }
            let verifier = try provider.verifier()
            for algorithm in ["HS256", "RS256"] {
                let token = try forger.token(provider.claims(), header: ["alg": .string(algorithm)])
                let result = await Self.result { try await verifier.verify(token) }
                #expect(result == (algorithm == "HS256" ? .algorithmNotAllowed("HS256") : .badSignature))
            }
            #expect(throws: InvalidTrustedIssuer.self) { try provider.verifier(algorithms: ["RS256", "HS256"]) }
        }
    }

    @Test("refuses a token of another provider's key")
    func refusesForeignKey() async throws {
        let (ours, theirs) = (try TestKey.make("ES256", id: "k1"), try TestKey.make("ES256", id: "k1"))
        try await TestProvider.running(keys: [ours]) { provider in
            let token = try theirs.token(provider.claims())
            await #expect(throws: IDTokenError.badSignature) { try await provider.verifier().verify(token) }
        }
    }

    @Test(
        "refuses what is not a JWT at all, without asking the provider",
        arguments: [
            "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "e30.e30.", "e30=.e30.AA", "\u{0}", "é.é.é",
            "bnVsbA.bnVsbA.",
            "W10.W10.", " e30.e30.AA", String(repeating: "a", count: 16_385), String(repeating: ".", count: 9_000),
        ])
    func refusesGarbage(token: String) async throws {
        try await TestProvider.running(keys: []) { provider in
            let result = await Self.result { try await provider.verifier().verify(token) }
            guard case .malformed? = result else {
                Issue.record("\(String(describing: result))")
                return
            }
            #expect(provider.state.withLock { $0.discoveries } == 0)
        }
    }

    @Test("refuses a token that is right but over 16 KiB")
    func refusesOversized() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let big = provider.claims(["padding": .string(String(repeating: "x", count: 13_000))])
            let result = await Self.result { try await provider.verifier().verify(try key.token(big)) }
            #expect(result == .malformed("it is longer than 16384 bytes"))
        }
    }

    @Test("refuses deeply nested claims")
    func refusesDepth() async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let deep = (0..<20).reduce(ClaimValue.null) { value, _ in .array([value]) }
            let result = await Self.result {
                try await provider.verifier().verify(try key.token(provider.claims(["x": deep])))
            }
            #expect(result == .malformed("its payload is not a JSON object"))
        }
    }

    @Test(
        "refuses an issuer that cannot be trusted as configured",
        arguments: [
            ("http://idp.example", ["a"], ["RS256"]), ("", ["a"], ["RS256"]), ("idp", ["a"], ["RS256"]),
            ("https://idp.example", [], ["RS256"]), ("https://idp.example", [""], ["RS256"]),
            ("https://idp.example", ["a"], []),
            ("https://idp.example", ["a"], ["none"]), ("https://idp.example", ["a"], ["HS256"]),
            ("https://user@idp.example", ["a"], ["RS256"]), ("http://127.0.0.1.evil.example", ["a"], ["RS256"]),
        ] as [(String, [String], [String])])
    func refusesIssuer(issuer: String, audiences: [String], algorithms: [String]) {
        #expect(throws: InvalidTrustedIssuer.self) {
            try TrustedIssuer(issuer: issuer, audiences: audiences, algorithms: algorithms)
        }
    }

    /// The error, or `nil` if the token was accepted.
    private static func result(_ verify: () async throws -> VerifiedIDToken) async -> IDTokenError? {
        do {
            _ = try await verify()
            return nil
        } catch {
            return error as? IDTokenError ?? .malformed("another error: \(error)")
        }
    }

    /// Another subject, the signature as it was.
    private static func alteredPayload(_ token: String) throws -> String {
        let parts = token.split(separator: ".").map(String.init)
        var padded = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        while padded.count % 4 != 0 { padded += "=" }
        let json = String(decoding: try #require(Data(base64Encoded: padded)), as: UTF8.self)
        return "\(parts[0]).\(base64URL(json.replacing("alice", with: "mallory").utf8)).\(parts[2])"
    }

    private static func alteredSignature(_ token: String) -> String {
        let start = token.lastIndex(of: ".").map(token.index(after:)) ?? token.endIndex
        return token.replacingCharacters(at: start, with: token[start] == "A" ? "B" : "A")
    }

    private static func emptySignature(_ token: String) -> String {
        token.split(separator: ".").prefix(2).joined(separator: ".") + "."
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        self[..<index] + text + self[self.index(after: index)...]
    }
}
