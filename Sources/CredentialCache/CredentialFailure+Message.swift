extension CredentialFailure {
    /// Stable, for programs.
    package var code: String {
        switch self {
        case .signInRequired: "SignInRequired"
        case .identityUnusable: "IdentityUnusable"
        case .locked: "Locked"
        case .approvalPending: "ApprovalPending"
        case .accessDenied, .requestRefused: "AccessDenied"
        case .roleNotFound: "RoleNotFound"
        case .brokerUnreachable: "BrokerUnreachable"
        case .credentialsExpired: "CredentialsExpired"
        }
    }

    /// One sentence for people that says what to do next.
    package var message: String {
        switch self {
        case .signInRequired: "Nobody is signed in for this user; run: stsbroker login"
        case .identityUnusable(let text): Self.harmless(text)
        case .locked: "The daemon is locked for this user; run: stsbroker unlock"
        case .approvalPending(let text): Self.sentence("Approval is pending", text)
        case .accessDenied(let text): Self.sentence("Access is denied", text)
        case .requestRefused(let text): Self.sentence("The broker refuses the request", text)
        case .roleNotFound: "The broker knows no such role; run: stsbroker policies"
        case .brokerUnreachable(let text): Self.sentence("The broker cannot be reached", text)
        case .credentialsExpired: "The credentials have expired and there are no new ones yet; run: stsbroker status"
        }
    }

    /// What others wrote is cut to 300 characters and kept from breaking lines and terminals.
    private static func sentence(_ beginning: String, _ text: String) -> String {
        let detail = text.isEmpty ? "" : ": \(harmless(text))"
        return "\(beginning)\(detail); run: stsbroker status"
    }

    private static func harmless(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }
}
