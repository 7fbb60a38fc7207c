import Foundation
import Testing

@testable import Sandbox

@Suite("Refresh tokens, device codes and keys of the provider", .timeLimit(.minutes(5)))
struct TokenLifeTests {
    @Test("Without rotation a refresh token goes on; revoking it ends it")
    func refreshing() async throws {
        try await RunningSandbox.run { sandbox in
            let flow = SignInFlow(issuer: sandbox.addresses.idpURL)
            let first = try await flow.exchange(try await flow.code())
            let token = try #require(first.text("refresh_token"))
            let second = try await flow.refresh(token)
            #expect(second.status == 200 && second.text("refresh_token") == nil)
            let claims = try await sandbox.local.tokens.keys.verify(try #require(second.text("id_token")))
            #expect(claims.nonce == nil && claims.username == "developer")
            let revocation = [("client_id", "stsbroker"), ("token", token)]
            #expect(try await Browser.post(flow.issuer + "/revoke", form: revocation).status == 200)
            #expect(try await Browser.post(flow.issuer + "/revoke", form: revocation).status == 200)
            #expect(try await flow.refresh(token).text("error") == "invalid_grant")
        }
    }

    @Test("With rotation each refresh token is good once, and a copy ends the sign-in")
    func rotating() async throws {
        try await RunningSandbox.run(.init(rotatesRefreshTokens: true)) { sandbox in
            let flow = SignInFlow(issuer: sandbox.addresses.idpURL)
            let first = try #require(try await flow.exchange(try await flow.code()).text("refresh_token"))
            let second = try #require(try await flow.refresh(first).text("refresh_token"))
            #expect(second != first)
            let third = try #require(try await flow.refresh(second).text("refresh_token"))
            #expect(try await flow.refresh(first).text("error") == "invalid_grant")
            #expect(try await flow.refresh(third).text("error") == "invalid_grant")
        }
    }

    @Test("ID tokens live as long as the option says")
    func idTokenLifetime() async throws {
        try await RunningSandbox.run(.init(idTokenLifetime: .seconds(90))) { sandbox in
            let tokens = try await sandbox.local.tokens.signIn(.operator, clientID: "stsbroker")
            let claims = try await sandbox.local.tokens.keys.verify(tokens.idToken)
            #expect(claims.exp - claims.iat == 90)
            #expect(tokens.expiresIn == 90)
        }
    }

    @Test("A device waits, is told to slow down, and gets its tokens when somebody enters the code")
    func device() async throws {
        try await RunningSandbox.run { sandbox in
            let device = Device(issuer: sandbox.addresses.idpURL)
            let start = try await device.start()
            #expect(start.status == 200)
            let userCode = try #require(start.text("user_code"))
            let deviceCode = try #require(start.text("device_code"))
            #expect(try await device.poll(deviceCode).text("error") == "authorization_pending")
            #expect(try await device.poll(deviceCode).text("error") == "slow_down")
            sandbox.clock.advance(by: 7)
            #expect(try await device.poll(deviceCode).text("error") == "authorization_pending")
            let page = try await Browser.get(start.text("verification_uri_complete") ?? "")
            #expect(page.status == 200 && page.body.contains(userCode))
            #expect(try await device.enter("XXXX-XXXX", user: "developer").status == 400)
            #expect(try await device.enter(userCode, user: "nobody").status == 400)
            #expect(try await device.enter(userCode.lowercased(), user: "developer").status == 200)
            #expect(try await device.enter(userCode, user: "operator").status == 400)
            let answer = try await device.poll(deviceCode)
            #expect(answer.status == 200)
            let claims = try await sandbox.local.tokens.keys.verify(try #require(answer.text("id_token")))
            #expect(claims.username == "developer")
            #expect(try await device.poll(deviceCode).text("error") == "invalid_grant")
        }
    }

    @Test("A device is told when it was refused and when its code expired")
    func deviceEnds() async throws {
        try await RunningSandbox.run { sandbox in
            let device = Device(issuer: sandbox.addresses.idpURL)
            let refused = try await device.start()
            #expect(try await device.enter(refused.text("user_code") ?? "", user: "").status == 200)
            #expect(try await device.poll(refused.text("device_code") ?? "").text("error") == "access_denied")
            let late = try await device.start()
            sandbox.clock.advance(by: 601)
            #expect(try await device.poll(late.text("device_code") ?? "").text("error") == "expired_token")
            #expect(try await device.enter(late.text("user_code") ?? "", user: "developer").status == 400)
        }
    }

    @Test("Rotation publishes a new key beside the old one, or in its place")
    func keyRotation() async throws {
        let keys = try await SigningKeys()
        let tokens = TokenIssuer(
            settings: .init(issuer: "http://127.0.0.1:1", idTokenLifetime: .seconds(60)), keys: keys, now: { Date() })
        let before = try await tokens.signIn(.developer, clientID: "stsbroker").idToken
        try await keys.rotate(forgetOld: false)
        #expect(await keys.published.keys.count == 4)
        _ = try await keys.verify(before)
        let between = try await tokens.signIn(.developer, clientID: "stsbroker").idToken
        _ = try await keys.verify(between)
        try await keys.rotate(forgetOld: true)
        #expect(await keys.published.keys.count == 2)
        await #expect(throws: (any Error).self) { try await keys.verify(before) }
    }

    private struct Device {
        var issuer: String

        func start() async throws -> Browser.Answer {
            try await Browser.post(
                issuer + "/device_authorization", form: [("client_id", "stsbroker"), ("scope", "openid")])
        }

        func poll(_ code: String) async throws -> Browser.Answer {
            try await Browser.post(
                issuer + "/token",
                form: [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "stsbroker"),
                    ("device_code", code),
                ])
        }

        func enter(_ code: String, user: String) async throws -> Browser.Answer {
            try await Browser.post(issuer + "/device", form: [("user_code", code), ("user", user)])
        }
    }
}
