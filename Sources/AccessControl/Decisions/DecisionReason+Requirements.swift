extension DecisionReason {
    /// Whether it forbids what whoever asks can put right themselves: ``description`` says how.
    package var isUnmetRequirement: Bool {
        switch self {
        case .reasonMissing, .ticketMissing, .ticketUnfit, .mfaMissing, .mfaTooOld, .mfaTimeUnknown, .sourceElsewhere,
            .sourceUnknown, .timeElsewhere:
            true
        default: false
        }
    }

    /// In words, for whoever asked.
    var requirement: String {
        switch self {
        case .notRequired: "the policy doesn't require it"
        case .reasonGiven: "there is a reason"
        case .reasonMissing: "the policy wants a reason: say why you need it"
        case .ticketMatches(let ticket): "the ticket \"\(excerpt(of: ticket))\" has the form that the policy wants"
        case .ticketMissing(let patterns): "the policy wants a ticket: name one that matches \(Self.list(patterns))"
        case .ticketUnfit(let patterns): "the ticket must match \(Self.list(patterns))"
        case .mfaUsed: "the user signed in with several factors, and lately enough"
        case .mfaMissing: "the policy wants a sign-in with several factors: sign in again with MFA"
        case .mfaTooOld(let seconds, let most):
            "the sign-in with several factors was \(Self.length(seconds)) ago and may be \(Self.length(most)) old: "
                + "sign in again with MFA"
        case .mfaTimeUnknown:
            "the policy wants a recent sign-in, and the identity provider doesn't say when it was (auth_time)"
        case .sourceAllowed(let address): "\(address) is in one of the policy's networks"
        case .sourceElsewhere(let address):
            "\(address) is in none of the networks that the policy allows: ask from one of them"
        case .sourceUnknown: "the policy allows certain networks only, and the broker can't tell where you connect from"
        case .timeAllowed(let time): "it begins within \(time)"
        case .timeElsewhere(let times):
            "it must begin within \(times.map(\.description).joined(separator: ", or "))"
        case .zoneUnknown(let zone): "the broker doesn't know the time zone \"\(zone)\""
        default: ""
        }
    }

    private static func list(_ patterns: [String]) -> String {
        patterns.map { "\"\($0)\"" }.joined(separator: " or ")
    }

    private static func length(_ seconds: Int) -> String {
        seconds >= 7200 ? "\(seconds / 3600) h" : seconds >= 120 ? "\(seconds / 60) min" : "\(seconds) s"
    }
}
