import AccessControl
import PolicyFiles
import StrictYAML

extension CheckedCatalog {
    /// Fails if a policy wants what the broker's way to AWS has no place for. `file` is the name to use in errors.
    func check(_ mode: AWSSection.Mode, file: String) throws(InvalidYAML) {
        guard mode == .webIdentity, let policy = catalog.policies.first(where: { $0.externalID != nil }) else { return }
        let problem =
            "policy \"\(policy.id)\": external_id is impossible with aws.mode web_identity; let the role's trust policy ask for "
            + "the token's subject, \(SessionPurpose.policy(policy.id).subject), instead"
        throw InvalidYAML(file: file, position: nil, message: problem)
    }
}
