/// The AWS account that the sandbox pretends to be: its roles, whom they trust and how long their sessions last.
package struct SampleAccount: Sendable {
    package var id: String
    package var region: String
    /// The broker's IAM user.
    package var userName: String
    package var roles: [SampleRole]
    /// Documents of managed policies by ARN; an AWS-managed policy that is missing here counts with its ARN's length.
    package var managedPolicies: [String: String]

    package init(
        id: String, region: String, userName: String, roles: [SampleRole], managedPolicies: [String: String]
    ) {
        self.id = id
        self.region = region
        self.userName = userName
        self.roles = roles
        self.managedPolicies = managedPolicies
    }

    package var userARN: String { "arn:aws:iam::\(id):user/\(userName)" }

    package func roleARN(_ name: String) -> String { "arn:aws:iam::\(id):role/\(name)" }

    func role(arn: String) -> SampleRole? {
        roles.first { roleARN($0.name) == arn }
    }
}

/// A role and its trust policy.
package struct SampleRole: Sendable {
    package var name: String
    /// Seconds, 3600 to 43200 (IAM's MaxSessionDuration).
    package var maximumSessionDuration: Int
    package var trust: [TrustStatement]
    /// `AROA…`, the first half of every session's user id.
    package var id = "AROA" + RandomText.characters(17, of: AccessKeys.alphabet)

    package init(name: String, maximumSessionDuration: Int, trust: [TrustStatement]) {
        self.name = name
        self.maximumSessionDuration = maximumSessionDuration
        self.trust = trust
    }
}

/// One `Allow` statement of a trust policy.
package struct TrustStatement: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        case assumeRole = "sts:AssumeRole"
        case assumeRoleWithWebIdentity = "sts:AssumeRoleWithWebIdentity"
        case setSourceIdentity = "sts:SetSourceIdentity"
        case tagSession = "sts:TagSession"
    }

    package enum Principal: Sendable, Equatable {
        /// An IAM user or role by ARN; a session is its role.
        case aws(String)
        /// An OpenID provider, with the audience that a token must have.
        case identityProvider(OpenIDProvider, audience: String)
    }

    package var principals: [Principal]
    package var actions: Set<Action>
    /// The condition `sts:ExternalId`.
    package var externalID: String?
    /// The condition `ISSUER:sub`.
    package var subject: String?

    package init(
        principals: [Principal], actions: Set<Action>, externalID: String? = nil, subject: String? = nil
    ) {
        self.subject = subject
        self.principals = principals
        self.actions = actions
        self.externalID = externalID
    }

    func allows(
        _ action: Action, for principal: Principal, externalID given: String?, subject givenSubject: String? = nil
    ) -> Bool {
        principals.contains(principal) && actions.contains(action) && (externalID == nil || externalID == given)
            && (subject == nil || subject == givenSubject)
    }
}
