import BrokerAPI
import CredentialCache
import Credentials
import FoundationEssentials
import HTTPExchange
import NIOHTTP1
import NIOPosix
import OIDC
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite("Getting credentials from the broker")
struct BrokerIssuerTests {
    private static func problem(_ code: BrokerErrorCode) -> ProblemDetails {
        ProblemDetails(status: 403, code: code, title: "T", detail: "Because.")
    }

    static let translations: [(BrokerClientError, IssueFailure)] = [
        (
            .approvalNeeded(ApprovalNeeded(requestID: "r", message: "Wait.")),
            IssueFailure(.approvalPending("Wait."))
        ),
        (.signInRequired("x"), IssueFailure(.signInRequired)),
        (.refused(problem(.policyNotFound)), IssueFailure(.roleNotFound)),
        (.refused(problem(.accessDenied)), IssueFailure(.accessDenied("Because."))),
        (.refused(problem(.requirementUnmet)), IssueFailure(.accessDenied("Because."))),
        (.refused(problem(.limitExceeded)), IssueFailure(.requestRefused("Because."))),
        (.refused(problem(.invalidRequest)), IssueFailure(.requestRefused("Because."))),
        (.unavailable("down", retryAfter: nil), IssueFailure(.brokerUnreachable("down"))),
        (.unreachable("down", retryAfter: nil), IssueFailure(.brokerUnreachable("down"), isOutage: true)),
        (
            .unavailable("down", retryAfter: .seconds(9)),
            IssueFailure(.brokerUnreachable("down"), retryAfter: .seconds(9))
        ),
        (
            .unusableAnswer("status 404"),
            IssueFailure(.brokerUnreachable("what answers is no broker: status 404"))
        ),
    ]

    @Test("The broker's errors are sorted by what the person at the machine can do", arguments: translations)
    func translates(error: BrokerClientError, expected: IssueFailure) {
        #expect(IssueFailure(error) == expected)
    }

    private static let key = CredentialKey(principal: Sample.ana, role: "dev")
    private static let answer = """
        {"request_id":"r","access_key_id":"ASIAEXAMPLE","secret_access_key":"s","session_token":"t",
        "expiration":"2027-01-15T09:00:00Z","issued_at":"2027-01-15T08:00:00Z",
        "role_arn":"arn:aws:iam::123456789012:role/dev","account_id":"123456789012"}
        """

    /// What an issuance ends with, and what the broker was asked.
    private func issue(
        _ key: CredentialKey = key, token lasting: TimeInterval? = 3600, refresh: SignInError? = nil,
        reply: ScriptedServer.Reply = .text(answer)
    ) async throws -> (Result<SessionCredentials, IssueFailure>, [ScriptedServer.Request]) {
        let requests = Mutex<[ScriptedServer.Request]>([])
        let time = ManualTime()
        let provider = FakeProvider()
        if let refresh { provider.answer(.failure(refresh)) }
        let signIns = SignInStore(provider: provider, now: { time.now }, logger: Sample.quiet)
        if let lasting {
            let token = Sample.idToken(expiring: time.now.addingTimeInterval(lasting))
            try await signIns.signIn(Sample.ana, idToken: token, refreshToken: Secret("r"))
        }
        let result = try await ScriptedServer.running({ request in
            requests.withLock { $0.append(request) }
            return reply
        }) { server in
            let http = HTTPClient()
            let roles = [
                OfferedRole(name: "dev", policy: "dev-policy", durationSeconds: 900),
                OfferedRole(name: "dev", policy: "another", durationSeconds: nil),
            ]
            let issuer = BrokerIssuer(
                broker: BrokerClient(exchange: HTTPExchange(http: http, timeout: .seconds(60)), baseURL: server.url),
                signIns: signIns, issued: IssuedGrants(),
                role: { key in roles.first { $0.name == key.role } })
            let result: Result<SessionCredentials, IssueFailure>
            do throws(IssueFailure) {
                result = .success(try await issuer.issue(key))
            } catch {
                result = .failure(error)
            }
            await http.shutdown()
            return result
        }
        return (result, requests.withLock { $0 })
    }

    @Test("The role's policy and duration are asked for with the principal's token")
    func asks() async throws {
        let (result, requests) = try await issue()
        #expect(try result.get().accessKeyID == "ASIAEXAMPLE")
        let request = try #require(requests.first)
        let body = StrictJSON.decode(CredentialsCall.self, from: Array(request.body.utf8))
        #expect(body == CredentialsCall(policy: "dev-policy", durationSeconds: 900))
        let token = Sample.idToken(expiring: ManualTime().now.addingTimeInterval(3600))
        #expect(request.headers["Authorization"] == ["Bearer \(token.revealed())"])
    }

    @Test("Where no token can be had, the broker isn't called")
    func noToken() async throws {
        let cases: [(TimeInterval?, SignInError?, CredentialFailure)] = [
            (nil, nil, .signInRequired), (0, .signInRequired, .signInRequired), (0, .denied("x"), .signInRequired),
            (
                0, .unavailable("x"),
                .brokerUnreachable(
                    "the sign-in can't be refreshed: \(SignInError.unavailable("x"))")
            ),
        ]
        for (lasting, error, expected) in cases {
            let (result, requests) = try await issue(token: lasting, refresh: error)
            #expect(throws: IssueFailure(expected)) { try result.get() }
            #expect(requests.isEmpty)
        }
    }

    @Test("An unknown role, and a principal who isn't signed in, get nothing")
    func unknown() async throws {
        let (unknown, requests) = try await issue(CredentialKey(principal: Sample.ana, role: "other"))
        #expect(throws: IssueFailure(.roleNotFound)) { try unknown.get() }
        #expect(requests.isEmpty)
        let (other, more) = try await issue(CredentialKey(principal: Sample.ben, role: "dev"))
        #expect(throws: IssueFailure(.signInRequired)) { try other.get() }
        #expect(more.isEmpty)
    }

    @Test("The broker's refusal comes through")
    func refused() async throws {
        let (result, _) = try await issue(reply: .text("", status: 503))
        #expect(throws: IssueFailure(.brokerUnreachable("it answered with status 503"), isOutage: true)) {
            try result.get()
        }
    }
}
