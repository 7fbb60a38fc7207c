import BrokerAPI
import CallerIdentity
import CredentialCache
import Credentials
import DaemonAPI
import Foundation
import Glibc
import HTTPExchange
import MetadataServer
import TestSupport
import Testing

@testable import Daemon

@Suite("Control service")
struct ControlServiceTests {
    let time = ManualTime()
    let provider = FakeProvider()
    let cache = Sample.cache()
    let signIns: SignInStore
    let service: ControlService

    init() throws {
        let time = time
        let settings = try Sample.settings()
        signIns = SignInStore(provider: provider, now: { time.now }, logger: Sample.quiet)
        service = ControlService(
            settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: cache,
            tokenFiles: TokenFiles(directory: settings.tokenDirectory, tokens: ContainerTokens()),
            listeners: {
                [
                    ListenerStatus(name: "imds", face: "imds", address: "127.0.0.1:1"),
                    ListenerStatus(name: "containers", face: "container", address: "127.0.0.1:2"),
                ]
            },
            logger: Sample.quiet, now: { time.now })
    }

    func ask(_ method: String, _ path: String, _ body: String = "", user: UInt32 = 1000) async
        -> ControlResponse
    {
        await service.answer(
            ControlRequest(method: method, path: path, body: Array(body.utf8)),
            from: Caller(userID: user, groupID: nil, processID: nil))
    }

    @Test func `whoever wants to see all policies has the broker asked for them, with the sign-in that a rule names`()
        async throws
    {
        let (time, signIns, cache) = (time, signIns, cache)
        let callers = "- {user: ana, principal: ben, roles: [\"*\"]}\n  - {user: 1002, roles: [readonly]}"
        let current = CurrentSettings(try Sample.settings(Sample.configuration(callers: callers)))
        let lists = PolicyLists(
            current: current, signIns: signIns, cache: cache, list: { _ throws(BrokerClientError) in ["admin"] },
            clock: TestClock(), logger: Sample.quiet, now: { time.now })
        let service = ControlService(
            settings: current, callers: CallerState(), signIns: signIns, cache: cache,
            tokenFiles: TokenFiles(directory: "/x", tokens: ContainerTokens()), policyLists: lists, listeners: { [] },
            logger: Sample.quiet, now: { time.now })
        func ask(_ method: String, _ path: String, user: UInt32 = 1000) async -> ControlResponse {
            await service.answer(
                ControlRequest(method: method, path: path), from: Caller(userID: user, groupID: nil, processID: nil))
        }
        #expect(await ask("POST", "/v1/policies", user: 1002).status == 204)
        let refusal = await ask("POST", "/v1/policies")
        #expect(refusal.status == 401 && code(refusal) == "SignInRequired")
        try await signIns.signIn(
            Sample.ben, idToken: Sample.idToken(expiring: time.now.addingTimeInterval(3600)), refreshToken: nil)
        #expect(await ask("POST", "/v1/policies").status == 204)
        #expect(current.value.listedPolicies == [Sample.ben: ["admin"]])
        let status = try #require(
            StrictJSON.decode(DaemonStatus.self, from: await ask("GET", "/v1/status").body))
        #expect(status.roles.map(\.name) == ["developer", "readonly", "admin"])
        #expect(status.roles.map(\.isListed) == [nil, nil, true])
        await signIns.setLocked(true, Sample.ben)
        time.jumpWallClock(by: 10)
        #expect(await ask("POST", "/v1/policies").status == 423)
    }

    @Test("Whoever reaches the socket sees its health; metrics are for those who are named, root and the daemon's user")
    func watching() async throws {
        let (time, settings) = (time, CurrentSettings(try Sample.settings()))
        let monitoring = try Monitoring(settings.value.audit, logger: Sample.quiet, now: { time.now })
        let service = ControlService(
            settings: settings, callers: CallerState(), signIns: signIns, cache: cache,
            tokenFiles: TokenFiles(directory: "/x", tokens: ContainerTokens()), listeners: { [] },
            pages: monitoring.pages(cache, settings, now: { time.now }), logger: Sample.quiet, now: { time.now })
        func status(_ path: String, _ user: UInt32) async -> Int {
            let caller = Caller(userID: user, groupID: nil, processID: nil)
            return await service.answer(ControlRequest(method: "GET", path: path), from: caller).status
        }
        for user in [0, geteuid(), 1000] { #expect(await status("/metrics", user) == 200) }
        #expect(await status("/metrics", 4321) == 403)
        #expect(await status("/healthz", 4321) == 200)
        #expect(await status("/readyz/readonly", 4321) == 503)
        #expect(await status("/v1/status", 4321) == 403)
    }

    func signIn(
        issuer: String = Sample.issuer, client: String = "stsbroker", name: String = "ana",
        lasting: TimeInterval = 3600, refreshTokenExpiresIn: Int? = nil
    ) throws -> String {
        let token = Sample.idToken(name, expiring: time.now.addingTimeInterval(lasting)).revealed()
        let signIn = SignIn(
            issuer: issuer, clientID: client, idToken: token, refreshToken: "refresh",
            refreshTokenExpiresIn: refreshTokenExpiresIn)
        return String(decoding: try JSONEncoder().encode(signIn), as: UTF8.self)
    }

    func code(_ response: ControlResponse) -> String? {
        StrictJSON.decode(DaemonError.self, from: response.body)?.code
    }

    func status(user: UInt32 = 1000) async throws -> DaemonStatus {
        let response = await ask("GET", "/v1/status", user: user)
        #expect(response.status == 200)
        return try #require(StrictJSON.decode(DaemonStatus.self, from: response.body))
    }

    @Test(
        "Each path has its methods, and says which",
        arguments: ["/v1/status", "/v1/id-token", "/v1/sign-in", "/v1/policies"],
        ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "get", ""])
    func methods(path: String, method: String) async {
        let allowed = ["/v1/sign-in": ["PUT", "DELETE"], "/v1/policies": ["POST"]][path] ?? ["GET"]
        let response = await ask(method, path)
        #expect((response.status == 405) == !allowed.contains(method))
        if response.status == 405 {
            #expect(response.allow == allowed.joined(separator: ", "))
            #expect(code(response) == "MethodNotAllowed")
        } else {
            #expect(response.allow == nil)
        }
    }

    @Test(
        "Other paths don't exist",
        arguments: ["", "/", "/v1", "/v1/status/", "/V1/status", "//v1/status", "*", "/v1/../v1/status"])
    func paths(path: String) async {
        for method in ["GET", "PUT", "DELETE"] {
            let response = await ask(method, path)
            #expect(response.status == 404)
            #expect(code(response) == "NotFound")
        }
    }

    @Test("Somebody whose sign-in a rule uses for others may sign in")
    func principal() async throws {
        let settings = try Sample.settings(
            Sample.configuration(callers: "- {network: 10.0.0.7, principal: ana, roles: [readonly]}"))
        let time = time
        let service = ControlService(
            settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: cache,
            tokenFiles: TokenFiles(directory: settings.tokenDirectory, tokens: ContainerTokens()),
            listeners: { [] }, logger: Sample.quiet, now: { time.now })
        func status(of user: UInt32) async throws -> Int {
            let request = ControlRequest(method: "PUT", path: "/v1/sign-in", body: Array(try signIn().utf8))
            return await service.answer(request, from: Caller(userID: user, groupID: nil, processID: nil)).status
        }
        #expect(try await status(of: 1000) == 204)
        #expect(try await status(of: 1001) == 403)
    }

    @Test("A user whom no rule names gets nothing, not even what exists", arguments: [0, 999, 1002, UInt32.max - 1])
    func strangers(user: UInt32) async throws {
        for (method, path) in [
            ("GET", "/v1/status"), ("PUT", "/v1/sign-in"), ("POST", "/v1/status"), ("GET", "/nothing"),
        ] {
            let response = await ask(method, path, try signIn(), user: user)
            #expect(response.status == 403)
            #expect(code(response) == "CallerNotAllowed")
        }
        #expect(await signIns.current(.localUser(user)) == nil)
    }

    @Test("Status before a sign-in: what is configured for this user")
    func statusBefore() async throws {
        let status = try await status()
        #expect(status.version == Version.text)
        #expect(status.brokerURL == "https://broker.example.com")
        #expect(status.provider.issuer == Sample.issuer)
        #expect(status.provider.clientID == "stsbroker")
        #expect(status.provider.scopes == ["openid", "email", "profile", "offline_access"])
        #expect(status.signIn == SignInStatus(state: .signInRequired))
        #expect(status.listeners.map(\.tokenFile) == [nil, "/run/x/tokens/1000"])
        #expect(
            status.roles == [
                RoleStatus(name: "developer", policy: "dev-policy", isDefault: false, state: "idle"),
                RoleStatus(name: "readonly", policy: "read-policy", isDefault: true, state: "idle"),
            ])
        let bens = try await self.status(user: 1001)
        #expect(bens.roles.map(\.name) == ["readonly"])
        #expect(bens.roles.map(\.isDefault) == [true])
        #expect(bens.listeners.last?.tokenFile == "/run/x/tokens/1001")
    }

    @Test("Roles of several rules for one user are all shown, each once")
    func severalRules() async throws {
        let callers =
            "- {user: ana, roles: [developer], listeners: [imds]}\n"
            + "  - {user: ana, roles: [developer, readonly], default_role: readonly, listeners: [containers]}"
        let settings = try Sample.settings(Sample.configuration(callers: callers))
        let time = time
        let service = ControlService(
            settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: cache,
            tokenFiles: TokenFiles(directory: "/x", tokens: ContainerTokens()), listeners: { [] }, logger: Sample.quiet,
            now: { time.now })
        let response = await service.answer(
            ControlRequest(method: "GET", path: "/v1/status", body: []),
            from: Caller(userID: 1000, groupID: nil, processID: nil))
        let status = try #require(StrictJSON.decode(DaemonStatus.self, from: response.body))
        #expect(status.roles.map(\.name) == ["developer", "readonly"])
    }

    func shownDefault(user: UInt32 = 1000) async throws -> [String] {
        try await status(user: user).roles.filter(\.isDefault).map(\.name)
    }

    @Test("A user may choose another default role among the own ones, and go back")
    func choice() async throws {
        #expect(try await shownDefault() == ["readonly"])
        #expect(await ask("PUT", "/v1/default-role", #"{"role":"developer"}"#).status == 204)
        #expect(try await shownDefault() == ["developer"])
        #expect(try await shownDefault(user: 1001) == ["readonly"])
        #expect(await ask("DELETE", "/v1/default-role").status == 204)
        #expect(try await shownDefault() == ["readonly"])
        let foreign = await ask("PUT", "/v1/default-role", #"{"role":"developer"}"#, user: 1001)
        #expect(foreign.status == 404 && code(foreign) == "RoleNotFound")
        #expect(await ask("PUT", "/v1/default-role", "{}").status == 400)
        #expect(await ask("GET", "/v1/default-role").status == 405)
    }

    @Test("A token for one role is given to those who may have the role, until they revoke it or sign out")
    func tokens() async throws {
        let made = await ask("POST", "/v1/tokens", #"{"role":"developer","lifetime_seconds":60}"#)
        #expect(made.status == 201)
        let token = try #require(StrictJSON.decode(ScopedToken.self, from: made.body))
        #expect(token.role == "developer" && token.token.count > 43)
        #expect(await ask("DELETE", "/v1/tokens/\(token.id)", user: 1001).status == 404)
        #expect(await ask("DELETE", "/v1/tokens/\(token.id)").status == 204)
        #expect(await ask("DELETE", "/v1/tokens/\(token.id)").status == 404)
        #expect(await ask("GET", "/v1/tokens/\(token.id)").status == 405)
        #expect(await ask("GET", "/v1/tokens").status == 405)
        #expect(
            await ask("POST", "/v1/tokens", #"{"role":"developer","lifetime_seconds":60}"#, user: 1001).status == 404)
        for body in [
            "", "{}", #"{"role":"developer","lifetime_seconds":0}"#, #"{"role":"developer","lifetime_seconds":43201}"#,
        ] {
            #expect(await ask("POST", "/v1/tokens", body).status == 400)
        }
        let last = await ask("POST", "/v1/tokens", #"{"role":"developer","lifetime_seconds":60}"#)
        let id = try #require(StrictJSON.decode(ScopedToken.self, from: last.body)).id
        #expect(await ask("DELETE", "/v1/sign-in").status == 200)
        #expect(await ask("DELETE", "/v1/tokens/\(id)").status == 404)
    }

    @Test("A sign-out ends the refresh token at the identity provider, and says if there was none")
    func revocation() async throws {
        func answer() async throws -> SignOutAnswer {
            let response = await ask("DELETE", "/v1/sign-in")
            return try #require(StrictJSON.decode(SignOutAnswer.self, from: response.body))
        }
        #expect(try await answer() == SignOutAnswer(refreshToken: .none))
        #expect(await ask("PUT", "/v1/sign-in", try signIn()).status == 204)
        #expect(try await answer() == SignOutAnswer(refreshToken: .revoked))
        #expect(provider.revoked == ["refresh"])
    }

    @Test("A lock is the user's own: nothing is given out until it is taken away, and the sign-in stays")
    func lock() async throws {
        #expect(await ask("PUT", "/v1/sign-in", try signIn()).status == 204)
        #expect(await ask("PUT", "/v1/lock").status == 204)
        let refused = await ask("GET", "/v1/id-token")
        #expect(refused.status == 423 && code(refused) == "Locked")
        let locked = try await status()
        #expect(locked.isLocked == true && locked.signIn.state == .signedIn)
        #expect(try await status(user: 1001).isLocked == false)
        #expect(await ask("GET", "/v1/lock").status == 405)
        #expect(await ask("DELETE", "/v1/lock").status == 204)
        #expect(await ask("GET", "/v1/id-token").status == 200)
    }

    @Test("A token that ends with a process is given as a file for its user, which goes with the token")
    func processToken() async throws {
        try await TemporaryFolder.with { folder in
            let (time, own) = (time, geteuid())
            let settings = try Sample.settings(Sample.configuration(callers: "- {user: \(own), roles: [developer]}"))
            let state = CallerState()
            let service = ControlService(
                settings: CurrentSettings(settings), callers: state, signIns: signIns, cache: cache,
                tokenFiles: TokenFiles(directory: folder.file("tokens"), tokens: ContainerTokens()), listeners: { [] },
                logger: Sample.quiet, now: { time.now })
            func ask(_ method: String, _ path: String, _ body: String = "", process: Int32? = getpid()) async
                -> ControlResponse
            {
                await service.answer(
                    ControlRequest(method: method, path: path, body: Array(body.utf8)),
                    from: Caller(userID: own, groupID: nil, processID: process))
            }
            let wish = #"{"role":"developer","lifetime_seconds":2592000,"ends_with_process":true}"#
            for process: Int32? in [nil, .max] {
                let refused = await ask("POST", "/v1/tokens", wish, process: process)
                #expect(refused.status == 409 && code(refused) == "ProcessUnknown")
            }
            let made = await ask("POST", "/v1/tokens", wish)
            let token = try #require(StrictJSON.decode(ScopedToken.self, from: made.body))
            let path = try #require(token.tokenFile)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == token.token)
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == 0o600 && facts.st_uid == own)
            #expect(state.scopedTokens.living(at: time.now) == [token.id])
            #expect(await ask("DELETE", "/v1/tokens/\(token.id)").status == 204)
            #expect(stat(path, &facts) != 0)
            let again = await ask("POST", "/v1/tokens", wish)
            let second = try #require(StrictJSON.decode(ScopedToken.self, from: again.body)?.tokenFile)
            #expect(stat(second, &facts) == 0)
            #expect(await ask("DELETE", "/v1/sign-in").status == 200)
            #expect(stat(second, &facts) != 0)
        }
    }
}
