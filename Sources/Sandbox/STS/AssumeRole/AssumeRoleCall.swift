/// The parameters of AssumeRole, or those that AssumeRoleWithWebIdentity shares with it, held against AWS's limits.
struct AssumeRoleCall: Sendable {
    static let defaultDuration = 3600

    var roleARN: String
    var sessionName: String
    var durationSeconds: Int?
    var policies: SessionPolicies
    var tags: PassedTags
    var sourceIdentity: String?
    var externalID: String?
    var hasMultiFactorCode: Bool

    /// AssumeRole.
    init(_ parameters: QueryParameters) throws(STSFault) {
        var report = ConstraintReport()
        let tags = try PassedTags(parameters, report: &report)
        try self.init(
            parameters, tags: tags, sourceIdentity: parameters["SourceIdentity"], report: report)
        externalID = parameters["ExternalId"]
        hasMultiFactorCode = parameters["SerialNumber"] != nil || parameters["TokenCode"] != nil
    }

    /// AssumeRoleWithWebIdentity: tags and source identity are claims of the token.
    init(_ parameters: QueryParameters, identity: WebIdentity) throws(STSFault) {
        var report = ConstraintReport()
        let tags = try PassedTags(identity.tags ?? WebIdentityTags(principalTags: [:]), report: &report)
        try self.init(parameters, tags: tags, sourceIdentity: identity.sourceIdentity, report: report)
    }

    private init(
        _ parameters: QueryParameters, tags: PassedTags, sourceIdentity: String?, report: ConstraintReport
    ) throws(STSFault) {
        var report = report
        durationSeconds = try parameters.integer("DurationSeconds")
        policies = try SessionPolicies(parameters, report: &report)
        self.tags = tags
        self.sourceIdentity = sourceIdentity
        hasMultiFactorCode = false
        roleARN = parameters["RoleArn"] ?? ""
        sessionName = parameters["RoleSessionName"] ?? ""
        check(parameters, &report)
        try report.conclude()
        guard roleARN.hasPrefix("arn:"), roleARN.contains(":role/") else {
            throw STSFault(.validationError, "\(roleARN.prefix(256)) is invalid")
        }
        if let sourceIdentity, sourceIdentity.lowercased().hasPrefix("aws:") {
            throw STSFault(.validationError, "A source identity must not start with the reserved prefix aws:.")
        }
    }

    private func check(_ parameters: QueryParameters, _ report: inout ConstraintReport) {
        if parameters["RoleArn"] == nil {
            report.missing("roleArn")
        } else {
            report.check(roleARN, at: "roleArn", length: 20...2048, pattern: .arn)
        }
        if parameters["RoleSessionName"] == nil {
            report.missing("roleSessionName")
        } else {
            report.check(sessionName, at: "roleSessionName", length: 2...64, pattern: .name)
        }
        if let durationSeconds { report.check(durationSeconds, at: "durationSeconds", range: 900...43200) }
        if let sourceIdentity {
            // The colon is let through here, so that `aws:` gets its own answer.
            let rest = sourceIdentity.hasPrefix("aws:") ? String(sourceIdentity.dropFirst(4)) : sourceIdentity
            report.check(sourceIdentity, at: "sourceIdentity", length: 2...64)
            report.check(rest, at: "sourceIdentity", length: 0...64, pattern: .name)
        }
        if let value = parameters["ExternalId"] {
            report.check(value, at: "externalId", length: 2...1224, pattern: .externalID)
        }
        if let value = parameters["SerialNumber"] {
            report.check(value, at: "serialNumber", length: 9...256, pattern: .serialNumber)
        }
        if let value = parameters["TokenCode"] {
            report.check(value, at: "tokenCode", length: 6...6, pattern: .digits)
        }
    }
}
