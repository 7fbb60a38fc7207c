import AccessControl

/// `requirements`, as ``RequirementsField`` reads them.
struct RequirementsForm: Encodable {
    private let reason: Bool?
    private let ticket: [String]?
    private let mfa: MFA?
    private let networks: [String]?
    private let times: [AllowedTime]?

    private struct MFA: Encodable {
        let within: String?
        let amr: [String]
        let acr: [String]?
    }

    init(_ requirements: Requirements) {
        reason = requirements.reason
        ticket = requirements.ticket?.texts
        mfa = requirements.mfa.map { mfa in
            MFA(
                within: mfa.withinSeconds.map(PolicyForm.text), amr: mfa.methods,
                acr: mfa.classes.isEmpty ? nil : mfa.classes)
        }
        networks = requirements.networks?.texts
        times = requirements.times
    }
}
