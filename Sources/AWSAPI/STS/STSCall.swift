import Credentials

/// One action of STS and its parameters, as the query protocol sends them.
struct STSCall: Sendable {
    let action: String
    let parameters: [(name: String, value: String)]

    static let callerIdentity = STSCall(action: "GetCallerIdentity", parameters: [])

    static func assumeRole(_ input: AssumeRoleInput) -> STSCall {
        var parameters = [
            (name: "RoleArn", value: input.roleARN.description),
            (name: "RoleSessionName", value: input.roleSessionName),
            (name: "DurationSeconds", value: String(input.durationSeconds)),
        ]
        for (index, tag) in input.tags.enumerated() {
            parameters.append((name: "Tags.member.\(index + 1).Key", value: tag.key))
            parameters.append((name: "Tags.member.\(index + 1).Value", value: tag.value))
        }
        for (index, key) in input.transitiveTagKeys.enumerated() {
            parameters.append((name: "TransitiveTagKeys.member.\(index + 1)", value: key))
        }
        for (index, arn) in input.policyARNs.enumerated() {
            parameters.append((name: "PolicyArns.member.\(index + 1).arn", value: arn))
        }
        if let policy = input.policy { parameters.append((name: "Policy", value: policy)) }
        if let externalID = input.externalID { parameters.append((name: "ExternalId", value: externalID)) }
        if let identity = input.sourceIdentity { parameters.append((name: "SourceIdentity", value: identity)) }
        return STSCall(action: "AssumeRole", parameters: parameters)
    }

    /// `application/x-www-form-urlencoded`, byte for byte as AWS's own SDKs write it.
    var body: String {
        ([(name: "Action", value: action), (name: "Version", value: "2011-06-15")] + parameters)
            .map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encodedFormValue($0.value))" }
            .joined(separator: "&")
    }
}
