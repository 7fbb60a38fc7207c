package import AccessControl
package import StrictYAML

/// One policy or team as JSON, with the keys that it has in `policies.yaml`: read by what reads the file, and checked as there.
package enum PolicyBody {
    /// With what is allowed and likely to fail all the same, one sentence each.
    /// - Parameter hasTargets: whether there are notification targets that a policy can name.
    package static func policy(
        _ json: [UInt8], name: String, hasTargets: Bool = false
    ) throws(InvalidYAML) -> (policy: AccessPolicy, warnings: [String]) {
        let policy = try StrictYAML.decodeJSON(UsablePolicyEntry.self, from: json, file: name).policy
        return (policy, PolicyWarning.warnings(for: policy, hasTargets: hasTargets).map(\.description))
    }

    package static func team(_ json: [UInt8], name: String) throws(InvalidYAML) -> Team {
        try StrictYAML.decodeJSON(TeamEntry.self, from: json, file: name).team
    }
}
