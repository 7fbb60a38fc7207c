package import Credentials
package import FoundationEssentials

/// What is known when a condition is judged. What isn't known stays `nil` or empty, and is never made up: a missing key
/// makes a line unknown, and unknown lines permit nothing.
///
/// An empty text and an empty list count as missing, as for IAM's `Null`. A text or list over ``ConditionLimits`` is
/// there, but can't be judged.
package struct ConditionContext: Sendable {
    /// The teams of whoever is judged: the requester, or the one who wants to approve.
    package var teams: [String] = []
    /// Only an address that the identity provider has verified.
    package var email: String?
    package var userName: String?
    package var subject: String?
    package var issuer: String?
    /// By name in lower case.
    private var claims: [String: ConditionValue] = [:]

    /// The id of the requested policy.
    package var policyID: String?
    /// Twelve digits.
    package var account: String?
    package var roleARN: RoleARN?
    package var risk: Risk?
    package var duration: Duration?
    package var reason: String?
    package var ticket: String?

    /// Whether the identity provider says that a second factor was used.
    package var mfaPresent: Bool?
    /// How long ago that was.
    package var mfaAge: Duration?
    /// Whoever is judged connects from here, as the broker has seen it, proxies that it trusts taken off.
    package var sourceAddress: SourceAddress?
    /// What all keys about time say, in UTC: the time of the judgement, or the beginning of what was asked for ahead.
    package var now: Date?

    /// The verified e-mail address of who made the request, where somebody else is judged: an approver.
    package var requester: String?
    package var requesterTeams: [String] = []

    /// Knows nothing.
    package init() {}

    /// Knows who is judged, but no e-mail address: which claim is a verified one is the caller's to say.
    package init(principal: Principal) {
        teams = principal.teams
        userName = principal.userName
        subject = principal.id.subject
        issuer = principal.id.issuer
        setClaims(
            principal.claims.mapValues { [$0] }.merging(principal.claimLists) { text, _ in text },
            others: principal.otherClaims)
    }

    /// Adds what a policy says about the request for it.
    package mutating func setPolicy(_ policy: AccessPolicy) {
        policyID = policy.id
        account = policy.account
        roleARN = policy.baseRole
        risk = policy.risk
    }

    /// Replaces all claims. Names that differ in case alone make one claim that can't be judged, since nobody could say
    /// which of them a condition means.
    ///
    /// - Parameter others: those that are neither a text nor a list of texts, nor null. Booleans and numbers can be judged.
    package mutating func setClaims(_ texts: [String: [String]], others: [String: ClaimValue] = [:]) {
        claims = [:]
        for (name, values) in texts {
            guard let value = ConditionValue(texts: values) else { continue }
            addClaim(name, value)
        }
        for (name, value) in others { addClaim(name, ConditionValue(other: value)) }
    }

    private mutating func addClaim(_ name: String, _ value: ConditionValue) {
        let folded = asciiLowercased(name)
        claims[folded] = claims[folded] == nil ? value : .unusable("two claims whose names differ in case alone")
    }

    /// `nil` when the key is missing.
    func value(of key: ConditionKey) -> ConditionValue? {
        switch key {
        case .team: ConditionValue(texts: teams)
        case .email: ConditionValue(text: email)
        case .userName: ConditionValue(text: userName)
        case .subject: ConditionValue(text: subject)
        case .issuer: ConditionValue(text: issuer)
        case .claim(let name): claims[name]
        case .policy: ConditionValue(text: policyID)
        case .account: ConditionValue(text: account)
        case .roleARN: ConditionValue(text: roleARN?.description)
        case .risk: risk.map { .number(Double($0.value)) }
        case .durationSeconds: duration.map { .number($0.seconds) }
        case .reason: ConditionValue(text: reason)
        case .ticket: ConditionValue(text: ticket)
        case .mfaPresent: mfaPresent.map { .flag($0) }
        case .mfaAge: mfaAge.map { .number($0.seconds) }
        case .sourceIP: sourceAddress.map { .address($0) }
        case .currentTime, .epochTime, .dayOfWeek, .timeOfDay: now.map { time(key, at: $0) }
        case .requester: ConditionValue(text: requester)
        case .requesterTeam: ConditionValue(texts: requesterTeams)
        }
    }

    private func time(_ key: ConditionKey, at now: Date) -> ConditionValue {
        let seconds = now.timeIntervalSince1970
        guard let moment = LocalMoment(secondsSince1970: seconds) else {
            return .unusable("a time outside the years 1 to 9999")
        }
        return switch key {
        case .dayOfWeek: .text(moment.dayOfWeek)
        case .timeOfDay: .number(Double(moment.minuteOfDay))
        default: .number(seconds)
        }
    }
}

extension Duration {
    /// With their fraction.
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
