import AccessControl
import PolicyFiles
import StrictYAML

extension CheckedCatalog {
    /// Fails if a policy wants what the broker's way to AWS has no place for. `file` is the name to use in errors.
    func check(_ mode: AWSSection.Mode, file: String) throws(InvalidYAML) {
        guard !mode.allowsExternalID, let policy = catalog.policies.first(where: { $0.externalID != nil }) else {
            return
        }
        throw InvalidYAML(
            file: file, position: nil, message: "policy \"\(policy.id)\": \(policy.problemOfExternalID)")
    }
}

extension AWSSection.Mode {
    /// AssumeRoleWithWebIdentity has no such parameter.
    var allowsExternalID: Bool { self == .assumeRole }
}

extension AccessPolicy {
    /// Why it can't have an external id where the mode doesn't allow one.
    var problemOfExternalID: String {
        "external_id is impossible with aws.mode web_identity; let the role's trust policy ask for the token's subject, "
            + "\(SessionPurpose.policy(id).subject), instead"
    }
}
