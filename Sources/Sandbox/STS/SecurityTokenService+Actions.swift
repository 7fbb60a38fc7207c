import FoundationEssentials

/// What each action answers.
extension SecurityTokenService {
    func assumeRole(_ parameters: QueryParameters, caller holder: KeyHolder) async throws(STSFault) -> Answer {
        let call = try AssumeRoleCall(parameters)
        let caller: RoleAssumption.Caller =
            switch holder {
            case .user(let arn, _): .user(arn: arn)
            case .session(let session): .session(session)
            }
        let time = now()
        let outcome = try assumption.session(for: call, caller: caller, now: time)
        let key = await keys.mint(for: outcome.session, now: time)
        return Answer(action: "AssumeRole", result: Self.elements(outcome, key))
    }

    func assumeRoleWithWebIdentity(_ parameters: QueryParameters) async throws(STSFault) -> Answer {
        let time = now()
        let identity = try await webIdentity.identity(of: parameters, now: time)
        let call = try AssumeRoleCall(parameters, identity: identity)
        let outcome = try assumption.session(for: call, caller: .webIdentity(identity), now: time)
        let key = await keys.mint(for: outcome.session, now: time)
        let result =
            Self.elements(outcome, key) + [
                XMLElement("SubjectFromWebIdentityToken", identity.subject), XMLElement("Audience", identity.audience),
                XMLElement("Provider", identity.providerARN(account: account.id)),
            ]
        return Answer(action: "AssumeRoleWithWebIdentity", result: result)
    }

    func callerIdentity(_ holder: KeyHolder) -> Answer {
        let (arn, id) =
            switch holder {
            case .user(let arn, let id): (arn, id)
            case .session(let session): (session.arn, session.assumedRoleID)
            }
        return Answer(
            action: "GetCallerIdentity",
            result: [XMLElement("Arn", arn), XMLElement("UserId", id), XMLElement("Account", account.id)])
    }

    private static func elements(_ outcome: RoleAssumption.Outcome, _ key: AccessKey) -> [XMLElement] {
        let session = outcome.session
        var elements: [XMLElement] = [
            XMLElement(
                "AssumedRoleUser",
                [XMLElement("Arn", session.arn), XMLElement("AssumedRoleId", session.assumedRoleID)]),
            XMLElement(
                "Credentials",
                [
                    XMLElement("AccessKeyId", key.id), XMLElement("SecretAccessKey", key.secret),
                    XMLElement("SessionToken", key.sessionToken ?? ""),
                    XMLElement("Expiration", session.expiration.formatted(.iso8601)),
                ]),
        ]
        if let identity = session.sourceIdentity { elements.insert(XMLElement("SourceIdentity", identity), at: 0) }
        if let size = outcome.packedPolicySize { elements.append(XMLElement("PackedPolicySize", "\(size)")) }
        return elements
    }
}
