import Credentials

extension QueryCall {
    private static let stsVersion = "2011-06-15"

    static let callerIdentity = QueryCall(action: "GetCallerIdentity", version: stsVersion, parameters: [])

    static func assumeRole(_ input: AssumeRoleInput) -> QueryCall {
        var parameters = session(input)
        for (index, tag) in input.tags.enumerated() {
            parameters.append((name: "Tags.member.\(index + 1).Key", value: tag.key))
            parameters.append((name: "Tags.member.\(index + 1).Value", value: tag.value))
        }
        for (index, key) in input.transitiveTagKeys.enumerated() {
            parameters.append((name: "TransitiveTagKeys.member.\(index + 1)", value: key))
        }
        parameters += policies(input)
        if let externalID = input.externalID { parameters.append((name: "ExternalId", value: externalID)) }
        if let identity = input.sourceIdentity { parameters.append((name: "SourceIdentity", value: identity)) }
        return QueryCall(action: "AssumeRole", version: stsVersion, parameters: parameters)
    }

    /// Tags, transitive keys and source identity are claims of the token, and there is no external id.
    static func assumeRole(_ input: AssumeRoleInput, withWebIdentity token: Secret) -> QueryCall {
        QueryCall(
            action: "AssumeRoleWithWebIdentity", version: stsVersion,
            parameters: session(input) + policies(input) + [(name: "WebIdentityToken", value: token.revealed())])
    }

    private static func session(_ input: AssumeRoleInput) -> [(name: String, value: String)] {
        [
            (name: "RoleArn", value: input.roleARN.description),
            (name: "RoleSessionName", value: input.roleSessionName),
            (name: "DurationSeconds", value: String(input.durationSeconds)),
        ]
    }

    private static func policies(_ input: AssumeRoleInput) -> [(name: String, value: String)] {
        let managed = input.policyARNs.enumerated().map { index, arn in
            (name: "PolicyArns.member.\(index + 1).arn", value: arn)
        }
        return managed + (input.policy.map { [(name: "Policy", value: $0)] } ?? [])
    }
}
