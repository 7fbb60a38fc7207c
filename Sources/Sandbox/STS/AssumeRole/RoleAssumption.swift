import FoundationEssentials

/// Decides whether a call may assume a role, and what the session is then: the rules of trust policies, session
/// durations, role chaining, transitive tags and source identity.
struct RoleAssumption {
    /// Role chaining ends sessions after one hour (IAM user guide, "Role chaining").
    static let chainedDurationLimit = 3600

    /// Whoever calls.
    enum Caller {
        case user(arn: String)
        case session(RoleSession)
        /// A verified token of a provider that the account knows.
        case webIdentity(WebIdentity)

        var name: String {
            switch self {
            case .user(let arn): arn
            case .session(let session): session.arn
            case .webIdentity(let identity): identity.subject
            }
        }

        var principal: TrustStatement.Principal {
            switch self {
            case .user(let arn): .aws(arn)
            case .session(let session): .aws(session.roleARN)
            case .webIdentity(let identity): .identityProvider(identity.provider, audience: identity.audience)
            }
        }

        /// The token's subject, which trust policies can ask for.
        var subject: String? {
            guard case .webIdentity(let identity) = self else { return nil }
            return identity.subject
        }

        /// The session that this call chains from.
        var chainedFrom: RoleSession? {
            guard case .session(let session) = self else { return nil }
            return session
        }
    }

    struct Outcome {
        var session: RoleSession
        var packedPolicySize: Int?
    }

    var account: SampleAccount
    /// Makes sessions live shorter than asked, for demonstrations and tests.
    var lifetimeLimit: Duration?

    func session(for call: AssumeRoleCall, caller: Caller, now: Date) throws(STSFault) -> Outcome {
        let inherited = Self.inheritedTags(of: caller.chainedFrom)
        try call.tags.checkRelations(inherited: inherited)
        try call.policies.check(account: account)
        let role = try trustedRole(for: call, caller: caller, hasInheritedTags: !inherited.isEmpty)
        let sourceIdentity = try Self.sourceIdentity(of: call, caller: caller)
        let duration = try duration(of: call, role: role, isChained: caller.chainedFrom != nil)
        let tags = inherited + call.tags.tags
        let size = try PackedSize.checked(tags: tags, policies: call.policies)
        let session = RoleSession(
            roleName: role.name, roleARN: account.roleARN(role.name),
            arn: "arn:aws:sts::\(account.id):assumed-role/\(role.name)/\(call.sessionName)",
            assumedRoleID: "\(role.id):\(call.sessionName)", sessionName: call.sessionName, tags: tags,
            transitiveTagKeys: inherited.map(\.key) + call.tags.transitiveKeys, sourceIdentity: sourceIdentity,
            policy: call.policies.inline, policyARNs: call.policies.arns, issued: now,
            expiration: now.addingTimeInterval(duration), assumedBy: caller.name)
        return Outcome(session: session, packedPolicySize: size)
    }

    private static func inheritedTags(of session: RoleSession?) -> [SessionTag] {
        guard let session else { return [] }
        let keys = Set(session.transitiveTagKeys.map { $0.lowercased() })
        return session.tags.filter { keys.contains($0.key.lowercased()) }
    }

    /// The role, if its trust policy allows this caller everything that the call does.
    private func trustedRole(
        for call: AssumeRoleCall, caller: Caller, hasInheritedTags: Bool
    ) throws(STSFault) -> SampleRole {
        let main: TrustStatement.Action =
            if case .webIdentity = caller { .assumeRoleWithWebIdentity } else { .assumeRole }
        var needed = [main]
        if !call.tags.tags.isEmpty || !call.tags.transitiveKeys.isEmpty || hasInheritedTags {
            needed.append(.tagSession)
        }
        if call.sourceIdentity != nil || caller.chainedFrom?.sourceIdentity != nil { needed.append(.setSourceIdentity) }
        let role = account.role(arn: call.roleARN)
        for action in needed {
            let isAllowed = role?.trust.contains {
                $0.allows(action, for: caller.principal, externalID: call.externalID, subject: caller.subject)
            }
            guard isAllowed == true else { throw denial(of: action, call, caller) }
        }
        guard let role, !call.hasMultiFactorCode else {
            throw STSFault(.accessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code.")
        }
        return role
    }

    private func denial(of action: TrustStatement.Action, _ call: AssumeRoleCall, _ caller: Caller) -> STSFault {
        if case .webIdentity = caller {
            return STSFault(.accessDenied, "Not authorized to perform \(action.rawValue)")
        }
        return STSFault(
            .accessDenied,
            "User: \(caller.name) is not authorized to perform: \(action.rawValue) on resource: \(call.roleARN)")
    }

    /// Once set, a source identity stays through a chain.
    private static func sourceIdentity(of call: AssumeRoleCall, caller: Caller) throws(STSFault) -> String? {
        guard let inherited = caller.chainedFrom?.sourceIdentity else { return call.sourceIdentity }
        guard call.sourceIdentity == nil || call.sourceIdentity == inherited else {
            throw STSFault(.validationError, "The source identity of a role session cannot be changed.")
        }
        return inherited
    }

    private func duration(
        of call: AssumeRoleCall, role: SampleRole, isChained: Bool
    ) throws(STSFault) -> TimeInterval {
        let seconds = call.durationSeconds ?? AssumeRoleCall.defaultDuration
        guard seconds <= role.maximumSessionDuration else {
            throw STSFault(
                .validationError, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        }
        guard !isChained || seconds <= Self.chainedDurationLimit else {
            throw STSFault(
                .validationError,
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
        }
        guard let lifetimeLimit else { return TimeInterval(seconds) }
        return min(TimeInterval(seconds), lifetimeLimit / .seconds(1))
    }
}
