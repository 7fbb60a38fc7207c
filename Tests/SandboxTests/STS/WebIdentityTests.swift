import FoundationEssentials
import Testing

@testable import Sandbox

@Suite("AssumeRoleWithWebIdentity", .timeLimit(.minutes(5)))
struct WebIdentityTests {
    private static let issuer = "http://127.0.0.1:1"

    private struct Bench {
        var tokens: TokenIssuer
        var service: SecurityTokenService
        var accessKeys: AccessKeys

        init(now: @escaping @Sendable () -> Date = { Date() }) async throws {
            let keys = try await SigningKeys()
            let account = SampleAccount.standard()
            accessKeys = AccessKeys(account: account)
            tokens = TokenIssuer(
                settings: .init(issuer: issuer, idTokenLifetime: .seconds(600)), keys: keys, now: now)
            service = SecurityTokenService(
                account: account, keys: accessKeys, providerKeys: keys, issuer: issuer, now: now)
        }

        func assume(_ token: String?, role: String = "stsbroker-webidentity") async -> STSFault.Code? {
            var fields = [
                ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleSessionName", "developer"),
                ("RoleArn", "arn:aws:iam::111122223333:role/\(role)"),
            ]
            if let token { fields.append(("WebIdentityToken", token)) }
            let request = SignedRequest(
                method: "POST", path: "/", query: "",
                headers: [("content-type", "application/x-www-form-urlencoded")],
                body: Array(Browser.form(fields).utf8))
            do throws(STSFault) {
                _ = try await service.answer(to: request)
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test("A token of the sandbox's provider becomes a session with the token's tags and source identity")
    func accepted() async throws {
        let bench = try await Bench()
        var variation = TokenIssuer.Variation()
        variation.tags = WebIdentityTags(principalTags: ["team": ["developers"]], transitiveTagKeys: ["team"])
        variation.sourceIdentity = "developer"
        let token = try await bench.tokens.signIn(.developer, clientID: "stsbroker", varied: variation).idToken
        #expect(await bench.assume(token) == nil)
        let session = try #require(await bench.accessKeys.sessions().first?.session)
        #expect(session.tags == [SessionTag(key: "team", value: "developers")])
        #expect(session.transitiveTagKeys == ["team"])
        #expect(session.sourceIdentity == "developer")
        #expect(session.assumedBy == SampleUser.developer.subject)
    }

    @Test("ES256 tokens are taken too")
    func ellipticCurve() async throws {
        let bench = try await Bench()
        var variation = TokenIssuer.Variation()
        variation.algorithm = .es256
        let token = try await bench.tokens.signIn(.developer, clientID: "stsbroker", varied: variation).idToken
        #expect(await bench.assume(token) == nil)
    }

    @Test("Tokens that are foreign, altered, expired, for others, too short or too long are refused")
    func refused() async throws {
        let bench = try await Bench()
        let tokens = try await bench.tokens.signIn(.developer, clientID: "stsbroker")
        #expect(
            await bench.assume(try await Bench().tokens.signIn(.developer, clientID: "stsbroker").idToken)
                == .invalidIdentityToken)
        var altered = Array(tokens.idToken)
        let index = altered.count - 20
        altered[index] = altered[index] == "A" ? "B" : "A"
        #expect(await bench.assume(String(altered)) == .invalidIdentityToken)
        #expect(await bench.assume(tokens.accessToken) == .invalidIdentityToken)
        #expect(await bench.assume("abc") == .validationError)
        #expect(await bench.assume(AssumeRoleBench.text(20000)) == .invalidIdentityToken)
        #expect(await bench.assume(AssumeRoleBench.text(20001)) == .validationError)
        #expect(await bench.assume(nil) == .validationError)
        var variation = TokenIssuer.Variation()
        variation.audience = "somebody-else"
        let foreign = try await bench.tokens.signIn(.developer, clientID: "stsbroker", varied: variation)
        #expect(await bench.assume(foreign.idToken) == .accessDenied)
        variation = TokenIssuer.Variation()
        variation.lifetime = .seconds(-1)
        let expired = try await bench.tokens.signIn(.developer, clientID: "stsbroker", varied: variation)
        #expect(await bench.assume(expired.idToken) == .expiredTokenException)
        #expect(await bench.assume(tokens.idToken, role: "stsbroker-developer") == .accessDenied)
    }

    @Test("A token is good until it expires, by the injected clock")
    func expiry() async throws {
        let clock = MovableClock()
        let bench = try await Bench(now: clock.now)
        let token = try await bench.tokens.signIn(.developer, clientID: "stsbroker").idToken
        clock.advance(by: 590)
        #expect(await bench.assume(token) == nil)
        clock.advance(by: 20)
        #expect(await bench.assume(token) == .expiredTokenException)
    }
}
