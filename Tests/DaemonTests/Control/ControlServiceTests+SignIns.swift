import CallerIdentity
import CredentialCache
import Credentials
import DaemonAPI
import Foundation
import Glibc
import HTTPExchange
import MetadataServer
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Members of groups, and sign-ins.
extension ControlServiceTests {
    @Test("A member of a group that a rule names is answered, gets a token file when first asking, and others are not")
    func groupMember() async throws {
        try await TemporaryFolder.with { folder in
            let callers = "- {group: developers, executable: /usr/bin/aws, roles: [developer]}"
            let settings = try Sample.settings(Sample.configuration(callers: callers))
            let (time, own) = (time, geteuid())
            let files = TokenFiles(directory: folder.file("tokens"), tokens: ContainerTokens())
            let service = ControlService(
                settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: cache,
                tokenFiles: files,
                listeners: { [ListenerStatus(name: "containers", face: "container", address: "127.0.0.1:2")] },
                logger: Sample.quiet, now: { time.now })
            var caller = Caller(userID: own, groupID: nil, processID: nil)
            #expect(service.detail(for: .success(caller)) == .groups)
            let request = ControlRequest(method: "GET", path: "/v1/status", body: [])
            for groups: Set<UInt32>? in [nil, [], [1]] {
                caller.groups = groups
                #expect(await service.answer(request, from: caller).status == 403)
            }
            caller.groups = [1, 2000]
            let response = await service.answer(request, from: caller)
            let status = try #require(StrictJSON.decode(DaemonStatus.self, from: response.body))
            #expect(status.roles.map(\.name) == ["developer"])
            #expect(status.listeners.map(\.tokenFile) == [folder.file("tokens/\(own)")])
            #expect(access(folder.file("tokens/\(own)"), R_OK) == 0)
            files.removeAll()
            #expect(access(folder.file("tokens/\(own)"), F_OK) != 0)
        }
    }

    @Test("A sign-in is kept, shown and given back to its user only, until it is deleted")
    func signsIn() async throws {
        let put = await ask("PUT", "/v1/sign-in", try signIn())
        #expect(put.status == 204)
        #expect(put.body.isEmpty)
        let signIn = try await status().signIn
        #expect(signIn == SignInStatus(state: .signedIn, subject: "ana", expiration: "2027-01-15T09:00:00Z"))
        let answer = await ask("GET", "/v1/id-token")
        #expect(answer.status == 200)
        let token = try #require(StrictJSON.decode(IDTokenAnswer.self, from: answer.body)).idToken
        #expect(token == Sample.idToken("ana", expiring: time.now.addingTimeInterval(3600)).revealed())

        #expect(try await status(user: 1001).signIn.state == .signInRequired)
        let bens = await ask("GET", "/v1/id-token", user: 1001)
        #expect(bens.status == 401)
        #expect(code(bens) == "SignInRequired")
        #expect(await ask("DELETE", "/v1/sign-in", user: 1001).status == 200)
        #expect(try await status().signIn.state == .signedIn)

        #expect(await ask("DELETE", "/v1/sign-in").status == 200)
        #expect(try await status().signIn.state == .signInRequired)
        #expect(await ask("GET", "/v1/id-token").status == 401)
    }

    @Test("The end of a sign-in that can be refreshed is told in its last hour, if it is known")
    func endsSoon() async throws {
        func told(_ expiresIn: Int?, lasting: TimeInterval = 300) async throws -> String? {
            let put = await ask("PUT", "/v1/sign-in", try signIn(lasting: lasting, refreshTokenExpiresIn: expiresIn))
            #expect(put.status == 204)
            return try await status().signIn.endsSoon
        }
        #expect(try await told(nil) == nil)
        #expect(try await told(3600) == nil)
        #expect(try await told(3599) == "2027-01-15T08:59:59Z")
        #expect(try await told(600, lasting: 1200) == "2027-01-15T08:20:00Z")
        #expect(try await told(31_536_000) == nil)
        for impossible in [0, -1, 31_536_001, .max] {
            let put = await ask("PUT", "/v1/sign-in", try signIn(refreshTokenExpiresIn: impossible))
            #expect(put.status == 400)
            #expect(code(put) == "InvalidRequest")
        }
    }

    @Test("No status shows a token")
    func noTokenInStatus() async throws {
        _ = await ask("PUT", "/v1/sign-in", try signIn())
        let text = String(decoding: await ask("GET", "/v1/status").body, as: UTF8.self)
        #expect(!text.contains(Sample.idToken("ana", expiring: time.now.addingTimeInterval(3600)).revealed()))
        #expect(!text.contains("\"refresh\""))
    }

    @Test("A sign-out forgets what was asked for under the sign-in, and wakes those who wait")
    func forgetsRoles() async throws {
        _ = await ask("PUT", "/v1/sign-in", try signIn())
        let key = CredentialKey(principal: Sample.ana, role: "developer")
        _ = cache.lookup(key, now: time.now)
        #expect(try await status().roles.first?.state == "fetching")
        _ = await ask("DELETE", "/v1/sign-in")
        #expect(try await status().roles.first?.state == "idle")
        let isWoken = Atomic(false)
        cache.awaitNextAttempt(key) { isWoken.store(true, ordering: .releasing) }
        try await awaited("who waits is woken") { isWoken.load(ordering: .acquiring) }
    }

    @Test("A sign-in of another provider or client is refused, and the old one stays")
    func otherProvider() async throws {
        _ = await ask("PUT", "/v1/sign-in", try signIn())
        for body in [
            try signIn(issuer: "https://evil.example", name: "eve"),
            try signIn(issuer: Sample.issuer + "/", name: "eve"),
            try signIn(client: "other", name: "eve"),
        ] {
            let response = await ask("PUT", "/v1/sign-in", body)
            #expect(response.status == 400)
            #expect(code(response) == "WrongIdentityProvider")
        }
        #expect(try await status().signIn.subject == "ana")
    }

    @Test(
        "What is no sign-in is refused",
        arguments: [
            "", "{}", "[]", "null", "{\"issuer\":1}", "\u{0}", String(repeating: "[", count: 100_000),
            String(repeating: "{\"issuer\":", count: 1000),
        ])
    func garbage(body: String) async {
        let response = await ask("PUT", "/v1/sign-in", body)
        #expect(response.status == 400)
        #expect(code(response) == "InvalidRequest")
    }

    @Test(
        "Tokens that are none, or over, are refused without being shown", arguments: ["", "a.b.c", "e30.e30.", "x.y"])
    func badTokens(token: String) async throws {
        let fields = ["issuer": Sample.issuer, "client_id": "stsbroker", "id_token": token, "refresh_token": "hidden"]
        let body = String(decoding: try JSONEncoder().encode(fields), as: UTF8.self)
        let response = await ask("PUT", "/v1/sign-in", body)
        #expect(response.status == 400)
        #expect(code(response) == "InvalidToken")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("hidden"))
        #expect(try await status().signIn.state == .signInRequired)
    }

    @Test("A refresh that fails is told as what it is")
    func refreshFails() async throws {
        _ = await ask("PUT", "/v1/sign-in", try signIn(lasting: 0))
        provider.answer(.failure(.unavailable("it answered with status 500")))
        let passing = await ask("GET", "/v1/id-token")
        #expect(passing.status == 503)
        #expect(code(passing) == "IdentityProviderUnavailable")
        provider.answer(.failure(.signInRequired))
        #expect(await ask("GET", "/v1/id-token").status == 401)
        #expect(try await status().signIn.state == .signInRequired)
    }
}
