extension SampleAccount {
    /// The external id that `stsbroker-admin` asks for.
    package static let adminExternalID = "sandbox-external-id"

    /// Account 111122223333 with the roles of the sandbox's policies and some that only tests need.
    package static func standard() -> SampleAccount {
        var account = SampleAccount(
            id: "111122223333", region: "us-east-1", userName: "stsbroker", roles: [],
            managedPolicies: [
                "arn:aws:iam::111122223333:policy/sandbox-logs-only":
                    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#
            ])
        let user = TrustStatement.Principal.aws(account.userARN)
        let sessions: Set<TrustStatement.Action> = [.assumeRole, .tagSession, .setSourceIdentity]
        account.roles = [
            SampleRole(
                name: "stsbroker-developer", maximumSessionDuration: 3600,
                trust: [TrustStatement(principals: [user], actions: sessions)]),
            SampleRole(
                name: "stsbroker-readonly", maximumSessionDuration: 43200,
                trust: [TrustStatement(principals: [user], actions: sessions)]),
            SampleRole(
                name: "stsbroker-admin", maximumSessionDuration: 3600,
                trust: [TrustStatement(principals: [user], actions: sessions, externalID: adminExternalID)]),
            SampleRole(
                name: "stsbroker-notags", maximumSessionDuration: 3600,
                trust: [TrustStatement(principals: [user], actions: [.assumeRole, .setSourceIdentity])]),
            SampleRole(
                name: "stsbroker-nosourceidentity", maximumSessionDuration: 3600,
                trust: [TrustStatement(principals: [user], actions: [.assumeRole, .tagSession])]),
            SampleRole(
                name: "stsbroker-chained", maximumSessionDuration: 43200,
                trust: [
                    TrustStatement(
                        principals: [
                            .aws(account.roleARN("stsbroker-developer")), .aws(account.roleARN("stsbroker-readonly")),
                            .aws(account.roleARN("stsbroker-webidentity")),
                        ], actions: sessions)
                ]),
            SampleRole(
                name: "stsbroker-revocation", maximumSessionDuration: 3600,
                trust: [TrustStatement(principals: [user], actions: [.assumeRole])]),
            SampleRole(
                name: "stsbroker-webidentity", maximumSessionDuration: 43200,
                trust: [
                    TrustStatement(
                        principals: [.identityProvider(.sandbox, audience: "stsbroker")],
                        actions: [.assumeRoleWithWebIdentity, .tagSession, .setSourceIdentity])
                ]),
        ]
        return account
    }

    /// The same account without an IAM user for the broker: the roles of the sandbox's policies trust the broker's tokens alone,
    /// each those for its own policy.
    package static func keyless() -> SampleAccount {
        var account = standard()
        for index in account.roles.indices {
            let name = account.roles[index].name
            guard let policy = ["developer", "readonly", "admin"].first(where: { name == "stsbroker-\($0)" }) else {
                continue
            }
            account.roles[index].trust = [
                TrustStatement(
                    principals: [.identityProvider(.broker, audience: "sts.amazonaws.com")],
                    actions: [.assumeRoleWithWebIdentity, .tagSession, .setSourceIdentity], subject: "policy:\(policy)")
            ]
        }
        return account
    }
}
