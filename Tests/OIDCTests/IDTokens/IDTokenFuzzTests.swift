import Credentials
import FoundationEssentials
import IDTokens
import TestSupport
import Testing

@testable import OIDC

/// Whatever comes as a token, the verifier answers with one of its own errors.
@Suite struct IDTokenFuzzTests {
    @Test("refuses damaged tokens with its own errors", arguments: 0..<8)
    func survivesDamage(seed: UInt64) async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            let good = try key.token(provider.claims())
            var random = SeededGenerator(seed: seed)
            for _ in 0..<250 {
                let token = Self.damaged(good, &random)
                guard token != good else { continue }
                do throws(IDTokenError) {
                    _ = try await verifier.verify(token)
                    Issue.record("accepted \(token)")
                } catch {
                    if case .keysUnavailable = error { Issue.record("\(error) for \(token)") }
                }
            }
        }
    }

    @Test("refuses generated JSON in place of header and claims with its own errors", arguments: 0..<8)
    func survivesGeneratedJSON(seed: UInt64) async throws {
        let key = try TestKey.make("ES256", id: "k1")
        try await TestProvider.running(keys: [key]) { provider in
            let verifier = try provider.verifier()
            var random = SeededGenerator(seed: seed)
            for _ in 0..<250 {
                var claims = provider.claims()
                let name = claims.keys.sorted().randomElement(using: &random) ?? "exp"
                claims[name] = Self.value(depth: 3, &random)
                let header = ["alg", "kid", "typ"].randomElement(using: &random) ?? "alg"
                let token = try key.token(
                    claims, header: Bool.random(using: &random) ? [header: Self.value(depth: 2, &random)] : [:])
                do throws(IDTokenError) {
                    let verified = try await verifier.verify(token)
                    #expect(verified.claims["sub"]?.stringValue == verified.subject && !verified.subject.isEmpty)
                } catch {
                    if case .keysUnavailable = error { Issue.record("\(error) for \(token)") }
                }
            }
        }
    }

    private static func damaged(_ token: String, _ random: inout SeededGenerator) -> String {
        var bytes = Array(token.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...127, using: &random)
            case 1: bytes.insert(contentsOf: bytes.prefix(index), at: index)
            case 2: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &random))
            default: bytes.removeSubrange(index..<min(bytes.count, index + 1 + Int.random(in: 0..<40, using: &random)))
            }
            if bytes.isEmpty { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> ClaimValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .number([0, -1, 1e18, 1e308, -1e308, 0.5, 1_900_000_000].randomElement(using: &random) ?? 0)
        case 3:
            .string(
                ["", "client", "alice", "ES256", "none", "\u{0}", "é\u{301}", String(repeating: "x", count: 500)]
                    .randomElement(using: &random) ?? "")
        case 4: .string("k1")
        case 5: .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth - 1, &random) })
        default: .object(["a": value(depth: depth - 1, &random), "": value(depth: depth - 1, &random)])
        }
    }
}
