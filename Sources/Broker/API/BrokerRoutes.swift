import AccessControl
import BrokerAPI
import BrokerStore
import Credentials
import FoundationEssentials
import Hummingbird
import Logging

/// One path and method, and what answers them.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let path: String
    /// Whether people see in a browser what is answered here.
    let isPage: Bool
    /// With what stands in the place of `{id}`; empty without one.
    let answer: @Sendable (Request, String) async throws -> Response

    init(method: HTTPRequest.Method, path: String, answer: @escaping @Sendable (Request) async throws -> Response) {
        self.method = method
        self.path = path
        isPage = false
        self.answer = { request, _ in try await answer(request) }
    }

    init(
        method: HTTPRequest.Method, path: String, isPage: Bool = false,
        answerWithID answer: @escaping @Sendable (Request, String) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.isPage = isPage
        self.answer = answer
    }

    /// Whether `path` is this one, with anything in the place of `{id}`.
    func matches(_ path: Substring) -> Bool {
        let (own, other) = (self.path.split(separator: "/"), path.split(separator: "/"))
        return own.count == other.count && zip(own, other).allSatisfy { $0 == "{id}" || $0 == $1 }
    }
}

/// The broker's own API, version 1.
struct BrokerRoutes: Sendable {
    let authenticator: Authenticator
    let issuance: CredentialIssuance
    let policies: RequestablePolicies

    var routes: [Route] {
        [
            Route(method: .get, path: "/v1/policies", answer: listPolicies),
            Route(method: .post, path: "/v1/credentials", answer: issueCredentials),
        ]
    }

    private func listPolicies(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/policies")
        let chainsRoles = await issuance.chainsRoles()
        let summaries = try await policies.list(for: principal).map { PolicySummary($0, chainsRoles: chainsRoles) }
        return JSONAnswer.response(PolicyList(policies: summaries))
    }

    private func issueCredentials(_ request: Request) async throws -> Response {
        let principal = try await authenticator.principal(in: request.headers, path: "/v1/credentials")
        let call = try await JSONRequest.decode(
            CredentialsCall.self, keys: CredentialsCall.CodingKeys.self, from: request)
        switch try await issuance.issue(try Wish(call), to: principal) {
        case .issued(let id, let credentials, let shortened):
            return JSONAnswer.response(
                IssuedCredentials(
                    requestID: id.description, credentials: credentials,
                    shortened: shortened.map(ShortenedDuration.init)))
        case .needsApproval(let id): return ApprovalNeeded.response(for: id)
        }
    }
}

extension ApprovalNeeded {
    static func response(for id: AccessControl.RequestID) -> Response {
        let message = "The request is recorded; an approver must decide on it."
        return JSONAnswer.response(ApprovalNeeded(requestID: id.description, message: message), status: .accepted)
    }
}

extension PolicySummary {
    init(_ policy: AccessPolicy, chainsRoles: Bool) {
        let requires = policy.requirements?.names ?? []
        self.init(
            id: policy.id, description: policy.description, account: policy.account, risk: policy.risk.value,
            maximumDurationSeconds: policy.longestSession(chainsRoles: chainsRoles).duration.wholeSeconds,
            requires: requires.isEmpty ? nil : requires)
    }
}

extension ShortenedDuration {
    init(_ shortened: CredentialIssuance.Shortened) {
        self.init(
            askedSeconds: shortened.askedSeconds, grantedSeconds: shortened.grantedSeconds, reason: shortened.reason)
    }
}

extension Wish {
    init(_ call: CredentialsCall) throws(Problem) {
        try self.init(
            policy: call.policy, seconds: call.durationSeconds, allowsShorter: call.shorten, reason: call.reason,
            ticket: call.ticket)
    }

    /// Checks the sizes; whether there is such a policy, and whether the duration is allowed, the rules say.
    init(
        policy: String, seconds: Int?, allowsShorter: Bool? = nil, reason: String?, ticket: String? = nil,
        inlinePolicy: String? = nil, startsAt: Date? = nil, channel: RequesterChannel? = nil
    ) throws(Problem) {
        guard (1...128).contains(policy.unicodeScalars.count), !policy.hasControlCharacters() else {
            throw .invalidRequest("The key \"policy\" must be 1 to 128 characters, without control characters.")
        }
        if let reason { try Self.check(reason, key: "reason") }
        if let ticket, !isTicket(ticket) {
            throw .invalidRequest("The key \"ticket\" must be 1 to 128 characters, without blanks.")
        }
        self.init(
            policyID: policy, duration: seconds.map { .seconds($0) }, allowsShorter: allowsShorter ?? false,
            reason: reason, ticket: ticket, inlinePolicy: try inlinePolicy.map(Self.normalized), startsAt: startsAt,
            channel: channel)
    }

    private static func normalized(_ inlinePolicy: String) throws(Problem) -> String {
        do throws(InvalidInlinePolicy) {
            return try RequestedInlinePolicy.normalized(inlinePolicy)
        } catch {
            throw .invalidRequest("The key \"inline_policy\" \(error).")
        }
    }

    /// Text that a person wrote for others to read.
    static func check(_ text: String, key: String) throws(Problem) {
        guard text.unicodeScalars.count <= 1000, !text.hasControlCharacters(besides: "\n\t") else {
            throw .invalidRequest("The key \"\(key)\" must be at most 1000 characters, without control characters.")
        }
    }
}

extension String {
    /// SQLite would end a text at a NUL, and logs and terminals obey the others.
    fileprivate func hasControlCharacters(besides allowed: String = "") -> Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control && !allowed.unicodeScalars.contains($0) }
    }
}
