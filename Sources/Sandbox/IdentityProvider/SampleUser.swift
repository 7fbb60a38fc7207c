/// The people of the sandbox. They have no passwords: the sign-in page lets one be picked.
package enum SampleUser: String, CaseIterable, Sendable, Codable {
    case developer
    case approver
    case `operator`

    package var name: String { rawValue }
    package var email: String { "\(rawValue)@example.com" }

    /// The `sub` claim: opaque and stable, as an OpenID provider must keep it (OpenID Connect Core 1.0 section 8).
    package var subject: String {
        switch self {
        case .developer: "5f2d0a4e-0001-4000-8000-000000000001"
        case .approver: "5f2d0a4e-0002-4000-8000-000000000002"
        case .operator: "5f2d0a4e-0003-4000-8000-000000000003"
        }
    }

    /// The value of the claim `custom:teams`.
    package var team: String {
        switch self {
        case .developer: "developers"
        case .approver: "security"
        case .operator: "operators"
        }
    }

    /// The value of the claim `custom:costcenter`.
    package var costCenter: String {
        switch self {
        case .developer: "1001"
        case .approver: "2002"
        case .operator: "3003"
        }
    }

    var description: String {
        switch self {
        case .developer: "asks for credentials; team developers"
        case .approver: "approves requests; team security"
        case .operator: "runs the service; team operators"
        }
    }
}
