package import FoundationEssentials

/// A session of an assumed role: who it is, and everything that was passed when it began.
package struct RoleSession: Sendable, Equatable {
    package var roleName: String
    package var roleARN: String
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`
    package var arn: String
    /// `AROA…:SESSION`
    package var assumedRoleID: String
    package var sessionName: String
    package var tags: [SessionTag]
    /// Those keys of `tags` that a chained session inherits.
    package var transitiveTagKeys: [String]
    package var sourceIdentity: String?
    package var policy: String?
    package var policyARNs: [String]
    package var issued: Date
    package var expiration: Date
    /// The ARN of whoever assumed the role: the user, another session, or the OpenID provider's subject.
    package var assumedBy: String
}

/// Whose access key it is.
package enum KeyHolder: Sendable, Equatable {
    case user(arn: String, id: String)
    case session(RoleSession)
}

/// An access key that the sandbox knows.
package struct AccessKey: Sendable {
    package var id: String
    package var secret: String
    /// Only temporary keys have one.
    package var sessionToken: String?
    package var holder: KeyHolder

    var expiration: Date? {
        guard case .session(let session) = holder else { return nil }
        return session.expiration
    }
}

/// The access keys of the sample account, in memory: the IAM user's pair, new at each start, and what STS minted.
package actor AccessKeys {
    /// The characters of AWS's identifiers (base 32 of RFC 4648).
    package static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    /// Expired keys are still known for a while, so that their use says "expired" and not "unknown".
    static let memory: TimeInterval = 3600
    /// Looking for what may be forgotten takes longer the more there are.
    private static let forgettingPause: TimeInterval = 60

    package nonisolated let userKey: AccessKey
    private var keys: [String: AccessKey]
    private var lastForgetting = Date.distantPast

    package init(account: SampleAccount) {
        userKey = AccessKey(
            id: "AKIA" + RandomText.characters(16, of: Self.alphabet), secret: RandomText.base64(bytes: 30),
            sessionToken: nil,
            holder: .user(
                arn: account.userARN, id: "AIDA" + RandomText.characters(17, of: Self.alphabet)))
        keys = [userKey.id: userKey]
    }

    package func key(_ id: String) -> AccessKey? {
        keys[id]
    }

    /// Makes temporary credentials for a session: 20 characters, 40 characters and a long token, like AWS's.
    package func mint(for session: RoleSession, now: Date) -> AccessKey {
        forgetOld(at: now)
        let key = AccessKey(
            id: "ASIA" + RandomText.characters(16, of: Self.alphabet), secret: RandomText.base64(bytes: 30),
            sessionToken: RandomText.base64(bytes: 320), holder: .session(session))
        keys[key.id] = key
        return key
    }

    private func forgetOld(at now: Date) {
        guard abs(now.timeIntervalSince(lastForgetting)) >= Self.forgettingPause else { return }
        lastForgetting = now
        let end = now.addingTimeInterval(-Self.memory)
        keys = keys.filter { $0.value.expiration.map { $0 > end } ?? true }
    }

    /// The sessions that STS remembers, oldest first; for tests. No secrets.
    package func sessions() -> [(accessKeyID: String, session: RoleSession)] {
        keys.values.compactMap { key in
            guard case .session(let session) = key.holder else { return nil }
            return (key.id, session)
        }.sorted { ($0.session.issued, $0.accessKeyID) < ($1.session.issued, $1.accessKeyID) }
    }
}
