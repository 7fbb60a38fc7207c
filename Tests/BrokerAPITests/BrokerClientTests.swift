import BrokerAPI
import Credentials
import HTTPExchange
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@Suite("Client of the broker")
struct BrokerClientTests {
    private static let call = CredentialsCall(policy: "developer", durationSeconds: 3600)
    private static let issued = """
        {"request_id":"req-1","access_key_id":"ASIAEXAMPLE","secret_access_key":"secret","session_token":"token",
        "expiration":"2027-01-15T09:00:00Z","issued_at":"2027-01-15T08:00:00Z",
        "role_arn":"arn:aws:iam::123456789012:role/dev","account_id":"123456789012"}
        """

    private static func problem(_ status: Int, _ code: String, _ detail: String = "Because.") -> String {
        """
        {"type":"about:blank","title":"T","status":\(status),"detail":"\(detail)","code":"\(code)"}
        """
    }

    /// What a call for credentials ends with when the broker answers by that script.
    private func credentials(
        slashes: String = "",
        _ script: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply
    ) async throws -> Result<IssuedCredentials, BrokerClientError> {
        try await ask(slashes: slashes, script) { client throws(BrokerClientError) in
            try await client.credentials(Self.call, idToken: Secret("id.token"))
        }
    }

    private func ask<Value: Sendable>(
        slashes: String = "",
        _ script: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply,
        _ call: @escaping @Sendable (BrokerClient) async throws(BrokerClientError) -> Value
    ) async throws -> Result<Value, BrokerClientError> {
        try await ScriptedServer.running(script) { server in
            let http = HTTPClient()
            let client = BrokerClient(
                exchange: HTTPExchange(http: http, timeout: .seconds(60)), baseURL: server.url + slashes)
            let result: Result<Value, BrokerClientError>
            do throws(BrokerClientError) {
                result = .success(try await call(client))
            } catch {
                result = .failure(error)
            }
            await http.shutdown()
            return result
        }
    }

    @Test(
        "Asks for credentials as the contract says, with and without slashes at the address's end",
        arguments: ["", "/", "//"])
    func request(slashes: String) async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        let issued = try await credentials(slashes: slashes) { request in
            seen.withLock { $0 = request }
            return .text(Self.issued)
        }.get()
        #expect(issued.requestID == "req-1")
        #expect(issued.credentials.accessKeyID == "ASIAEXAMPLE")
        #expect(issued.credentials.sessionToken == Secret("token"))
        #expect(issued.credentials.accountID == "123456789012")
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == .POST)
        #expect(request.target == "/v1/credentials")
        #expect(request.headers["Authorization"] == ["Bearer id.token"])
        #expect(request.headers["Content-Type"] == ["application/json"])
        let body = StrictJSON.decode(CredentialsCall.self, from: Array(request.body.utf8))
        #expect(body == Self.call)
    }

    @Test("Asks for the policies")
    func policies() async throws {
        let seen = Mutex<ScriptedServer.Request?>(nil)
        let script: @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply = { request in
            seen.withLock { $0 = request }
            return .text(
                #"{"policies":[{"id":"a","description":"b","account":"123456789012","risk":1,"maximum_duration_seconds":900}]}"#
            )
        }
        let list = try await ask(script) { client throws(BrokerClientError) in
            try await client.policies(idToken: Secret("t"))
        }.get()
        #expect(list.policies.map(\.id) == ["a"])
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == .GET)
        #expect(request.target == "/v1/policies")
        #expect(request.headers["Authorization"] == ["Bearer t"])
        #expect(request.body.isEmpty)
    }

    /// An answer, and what it means.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reply: ScriptedServer.Reply
        let error: BrokerClientError

        init(_ name: String, _ status: Int, _ body: String, retryAfter: String? = nil, _ error: BrokerClientError) {
            testDescription = name
            reply = .answer(
                status: status, headers: retryAfter.map { [("Retry-After", $0)] } ?? [], body: Array(body.utf8))
            self.error = error
        }
    }

    static let cases = [
        Case("200 garbage", 200, "<html>", .unusableAnswer("its answer 200 is not understood")),
        Case("200 empty", 200, "", .unusableAnswer("its answer 200 is not understood")),
        Case(
            "200 without a secret", 200, issued.replacing("secret_access_key", with: "key"),
            .unusableAnswer("its answer 200 is not understood")),
        Case(
            "200 with an expiration that is none", 200, issued.replacing("2027-01-15T09:00:00Z", with: "tomorrow"),
            .unusableAnswer("its answer 200 is not understood")),
        Case(
            "200 with a role that is none", 200, issued.replacing("arn:aws:iam::123456789012:role/dev", with: "dev"),
            .unusableAnswer("its answer 200 is not understood")),
        Case(
            "202", 202, #"{"request_id":"r","status":"needs_approval","message":"Wait."}"#,
            .approvalNeeded(ApprovalNeeded(requestID: "r", message: "Wait."))),
        Case("202 garbage", 202, "{}", .unusableAnswer("its answer 202 is not understood")),
        Case("204", 204, "", .unusableAnswer("it answered with status 204")),
        Case("302", 302, "", .unusableAnswer("it answered with status 302")),
        Case("401", 401, problem(401, "invalid_token"), .signInRequired("Because.")),
        Case("401 garbage", 401, "no", .signInRequired("The broker does not accept the sign-in.")),
        Case(
            "429", 429, problem(429, "too_many_requests"), retryAfter: "7",
            .unavailable("Because.", retryAfter: .seconds(7))),
        Case("500 garbage", 500, "oops", .unavailable("it answered with status 500", retryAfter: nil)),
        Case("502", 502, problem(502, "upstream_refused"), .unavailable("Because.", retryAfter: nil)),
        Case(
            "503", 503, problem(503, "temporarily_unavailable"), retryAfter: "99999999",
            .unavailable("Because.", retryAfter: .seconds(86_400))),
        Case(
            "503 with a date", 503, "", retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT",
            .unreachable("it answered with status 503", retryAfter: nil)),
        Case(
            "503 with lines in its detail", 503, problem(503, "temporarily_unavailable", #"a\nb\u001b[1m"#),
            .unavailable("a b [1m", retryAfter: nil)),
        Case("404 of something else", 404, "<html>", .unusableAnswer("it answered with status 404")),
        Case("400 of something else", 400, #"{"message":"no"}"#, .unusableAnswer("it answered with status 400")),
    ]

    @Test("An answer is sorted by what the caller can do about it", arguments: cases)
    func sorts(_ example: Case) async throws {
        let reply = example.reply
        #expect(try await credentials { _ in reply }.failure == example.error)
        #expect(!"\(example.error)".contains("\n"))
    }

    @Test(
        "A refusal keeps its problem details",
        arguments: [
            (400, BrokerErrorCode.invalidRequest), (403, .accessDenied), (404, .policyNotFound),
            (404, .notFound), (405, .methodNotAllowed), (409, .limitExceeded), (413, .requestTooLarge),
            (415, .unsupportedMediaType),
            (422, .limitExceeded), (422, .policyUnusable),
        ])
    func refusals(status: Int, code: BrokerErrorCode) async throws {
        let result = try await credentials { _ in .text(Self.problem(status, code.rawValue), status: status) }
        let expected = ProblemDetails(status: status, code: code, title: "T", detail: "Because.")
        #expect(result.failure == .refused(expected))
        #expect(result.failure?.description == "Because.")
    }

    @Test("A code that this client doesn't know is a refusal too")
    func unknownCode() async throws {
        let result = try await credentials { _ in .text(Self.problem(403, "brand_new"), status: 403) }
        guard case .refused(let problem)? = result.failure else {
            Issue.record("not a refusal")
            return
        }
        #expect(problem.code == "brand_new")
    }

    @Test("A broken connection is passing", arguments: [ScriptedServer.Reply.reset, .cut(body: Array(issued.utf8))])
    func broken(reply: ScriptedServer.Reply) async throws {
        guard case .unreachable(_, nil)? = try await credentials({ _ in reply }).failure else {
            Issue.record("not unavailable")
            return
        }
    }

    @Test("No error shows the token")
    func noSecrets() async throws {
        for reply in [ScriptedServer.Reply.reset, .text("x", status: 500), .text("x"), .text("x", status: 401)] {
            let error = try #require(try await credentials { _ in reply }.failure)
            #expect(!"\(error) \(String(reflecting: error))".contains("id.token"))
        }
    }
}

extension Result {
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
