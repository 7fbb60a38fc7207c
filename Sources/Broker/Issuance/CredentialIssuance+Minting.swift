import AWSAPI
import AccessControl
import BrokerStore
import Credentials
import Logging

/// Step 3 and 4: assume the role, and record that before anybody gets the credentials.
extension CredentialIssuance {
    /// The one place that credentials come from: whatever fails on the way, none leave.
    /// - Parameters:
    ///   - source: where whoever gets the credentials asks from.
    ///   - wanted: the longest session that they want; `nil`: all that is left.
    func mint(
        under grant: Grant, policy: AccessPolicy, from source: RequestSource, atMost wanted: Duration? = nil
    ) async throws(IssuanceFailure) -> Minted {
        guard policy.version == grant.policyVersion else {
            return try await refuse(grant, from: source, because: .grantVoid(grant.requestID))
        }
        // Such a policy is stored if it was before the broker went over to web identities.
        guard policy.externalID == nil || roles.takesExternalID else {
            return try await refuse(
                grant, from: source, because: .policyUnusable(policy.id, grant.requestID),
                detail: "policy \"\(policy.id)\": \(policy.problemOfExternalID)")
        }
        let call = try await assumeRoleCall(under: grant, policy: policy, from: source, atMost: wanted)
        let minted = try await assume(call, under: grant, policy: policy, from: source)
        try await recordIssuance(of: minted.credentials, by: call, under: grant, from: source)
        return minted
    }

    private func assumeRoleCall(
        under grant: Grant, policy: AccessPolicy, from source: RequestSource, atMost wanted: Duration?
    ) async throws(IssuanceFailure) -> AssumeRoleInput {
        do {
            let user = sessionNaming.sessionName(of: grant.userName, issuer: grant.principal.issuer)
            let name = sessionNaming.sessionName(under: grant)
            let seconds = grant.sessionSeconds(at: now(), chaining: await chainsRoles(), atMost: wanted)
            let inlinePolicy = try policy.inlinePolicy(with: grant.tags, narrowedBy: grant.inlinePolicy)
            return try AssumeRoleInput(
                roleARN: policy.baseRole, roleSessionName: name, durationSeconds: seconds,
                tags: grant.tags.map { SessionTag(key: $0.key, value: $0.value) },
                transitiveTagKeys: policy.transitiveTags, policyARNs: policy.managedPolicies,
                policy: inlinePolicy, externalID: policy.externalID,
                sourceIdentity: policy.setsSourceIdentity ? user : nil)
        } catch {
            return try await refuse(grant, from: source, because: .limitBroken("\(error)", grant.requestID))
        }
    }

    private func assume(
        _ call: AssumeRoleInput, under grant: Grant, policy: AccessPolicy, from source: RequestSource
    ) async throws(IssuanceFailure) -> Minted {
        do {
            return try await session(by: call, under: grant, policy: policy)
        } catch {
            logger.error("role not assumed", metadata: ["request": "\(grant.requestID)", "error": "\(error)"])
            return try await refuse(grant, from: source, because: IssuanceFailure(error, of: grant.requestID))
        }
    }

    private func recordIssuance(
        of credentials: SessionCredentials, by call: AssumeRoleInput, under grant: Grant,
        from source: RequestSource
    ) async throws(IssuanceFailure) {
        let issuance = AuditedIssuance(
            under: grant, roleARN: call.roleARN.description, sessionName: call.roleSessionName,
            sourceIdentity: call.sourceIdentity ?? "", accessKeyID: credentials.accessKeyID,
            expiration: AWSTimestamp.text(credentials.expiration), source: source)
        do {
            try await records.record(issuance, at: now())
        } catch {
            logger.error(
                "issuance not recorded",
                metadata: [
                    "request": "\(grant.requestID)", "access_key_id": "\(credentials.accessKeyID)", "error": "\(error)",
                ])
            let key = credentials.accessKeyID
            return try await refuse(
                grant, from: source, because: IssuanceFailure(error, of: grant.requestID),
                detail: "credentials \(key) were minted and withheld", withholding: key)
        }
        metrics.issued("issued")
        logger.info(
            "credentials issued",
            metadata: [
                "request": "\(grant.requestID)", "session": "\(call.roleSessionName)",
                "role": "\(call.roleARN)", "access_key_id": "\(credentials.accessKeyID)",
            ])
    }
}
