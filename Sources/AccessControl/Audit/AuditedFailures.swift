/// An allowed request got no credentials.
package struct AuditedRefusal: Codable, Sendable, Equatable {
    package var requestID: RequestID
    package var principal: PrincipalID
    package var policyID: String
    /// A stable code: what stood in the way.
    package var code: String
    package var detail: String
    /// Of credentials that were minted and withheld; `nil` if there were none, and in what was recorded before refusals had it.
    package var accessKeyID: String?
    package var source: RequestSource?

    package init(
        of grant: Grant, code: String, detail: String, withholding accessKeyID: String? = nil, source: RequestSource
    ) {
        requestID = grant.requestID
        principal = grant.principal
        policyID = grant.policyID
        self.code = code
        self.detail = detail
        self.accessKeyID = accessKeyID
        self.source = source.known
    }
}

/// Somebody presented a token that doesn't verify, or came back from the identity provider in a browser without being
/// signed in. The token itself is not kept, nor anything it claims.
package struct AuditedAuthenticationFailure: Codable, Sendable, Equatable {
    /// The kind of problem, a stable code.
    package var problem: String
    /// The path that was asked for.
    package var path: String
    package var source: RequestSource?
    /// How many more failures since the last recorded one were not recorded, because they came too fast.
    package var suppressed: Int

    package init(problem: String, path: String, source: RequestSource, suppressed: Int) {
        self.problem = problem
        self.path = path
        self.source = source.known
        self.suppressed = suppressed
    }
}
