/// What a condition can ask about. `docs/conditions.md` says what each means; ``ConditionContext`` has its value.
///
/// Names are compared without regard to case, as IAM does, and those of claims too.
package enum ConditionKey: Sendable, Hashable {
    case team
    case email
    case userName
    case subject
    case issuer
    /// A claim, by its name in lower case.
    case claim(String)
    case policy
    case account
    case roleARN
    case risk
    case durationSeconds
    case reason
    case ticket
    case mfaPresent
    case mfaAge
    case sourceIP
    case currentTime
    case epochTime
    case dayOfWeek
    case timeOfDay
    case requester
    case requesterTeam

    /// Every key but the claims.
    package static let fixed: [ConditionKey] = [
        .team, .email, .userName, .subject, .issuer, .policy, .account, .roleARN, .risk, .durationSeconds, .reason,
        .ticket, .mfaPresent, .mfaAge, .sourceIP, .currentTime, .epochTime, .dayOfWeek, .timeOfDay, .requester,
        .requesterTeam,
    ]

    /// The one spelling that errors, traces and stored blocks use.
    package var name: String {
        switch self {
        case .team: "broker:Team"
        case .email: "broker:Email"
        case .userName: "broker:UserName"
        case .subject: "broker:Subject"
        case .issuer: "broker:Issuer"
        case .claim(let name): Self.claimPrefix + name
        case .policy: "broker:Policy"
        case .account: "broker:Account"
        case .roleARN: "broker:RoleArn"
        case .risk: "broker:Risk"
        case .durationSeconds: "broker:DurationSeconds"
        case .reason: "broker:Reason"
        case .ticket: "broker:Ticket"
        case .mfaPresent: "broker:MfaPresent"
        case .mfaAge: "broker:MfaAge"
        case .sourceIP: "broker:SourceIp"
        case .currentTime: "broker:CurrentTime"
        case .epochTime: "broker:EpochTime"
        case .dayOfWeek: "broker:DayOfWeek"
        case .timeOfDay: "broker:TimeOfDay"
        case .requester: "broker:Requester"
        case .requesterTeam: "broker:RequesterTeam"
        }
    }

    package var type: ConditionKeyType {
        switch self {
        case .team, .requesterTeam: .texts
        case .claim: .claim
        case .risk, .durationSeconds, .mfaAge, .epochTime: .number
        case .currentTime: .date
        case .timeOfDay: .timeOfDay
        case .mfaPresent: .flag
        case .sourceIP: .address
        case .email, .userName, .subject, .issuer, .policy, .account, .roleARN, .reason, .ticket, .dayOfWeek,
            .requester:
            .text
        }
    }

    static let claimPrefix = "broker:Claim/"
}

extension ConditionKey {
    private static let byName = Dictionary(fixed.map { (asciiLowercased($0.name), $0) }) { first, _ in first }

    /// The key of a name in any case; `nil` if there is none.
    package init?(_ text: String) {
        let folded = asciiLowercased(text)
        if let key = Self.byName[folded] {
            self = key
            return
        }
        let prefix = asciiLowercased(Self.claimPrefix)
        let name = String(folded.dropFirst(prefix.count))
        guard folded.hasPrefix(prefix), Self.isClaimName(name) else { return nil }
        self = .claim(name)
    }

    /// The same; fails by naming what was probably meant.
    init(parsing text: String, under operatorName: String, value: String? = nil) throws(InvalidCondition) {
        guard let key = ConditionKey(text) else {
            let subject = value == nil ? "is no key" : "names no key in \"\(excerpt(of: text))\""
            throw InvalidCondition(
                operatorName: operatorName, key: value == nil ? text : nil, value: value,
                subject + Spelling.hint(Self.suggestion(for: text)))
        }
        self = key
    }

    /// 1...128 bytes without blanks, what doesn't show, or what has a meaning in variables.
    private static func isClaimName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && ![.control, .format].contains(scalar.properties.generalCategory)
                    && !"{}$'\",*?".unicodeScalars.contains(scalar)
            }
    }

    /// Compares without the service, so that `aws:SourceIp` and `Email` find their keys.
    private static func suggestion(for text: String) -> String? {
        let (head, claim) = text.firstIndex(of: "/").map { (text[..<$0], text[$0...].dropFirst()) } ?? (text[...], "")
        let bare = String(head.firstIndex(of: ":").map { head[$0...].dropFirst() } ?? head)
        if !claim.isEmpty {
            guard Spelling.closest(to: bare, among: ["Claim"]) != nil else { return nil }
            return claimPrefix + claim
        }
        return Spelling.closest(to: bare, among: fixed.map { String($0.name.dropFirst("broker:".count)) })
            .map { "broker:" + $0 }
    }
}

/// What kind of value a key has, and so which operators fit it.
package enum ConditionKeyType: Sendable, Hashable {
    case text
    /// Several texts: takes `ForAnyValue:` or `ForAllValues:`.
    case texts
    /// A text, several, a number or a Boolean, as the identity provider has it: takes operators for each, with and without
    /// a set prefix. They compare a value of their own kind; one of another kind is unknown to them.
    case claim
    case number
    case date
    /// Minutes of the day, written `HH:MM`.
    case timeOfDay
    case flag
    case address

    /// The beginnings of the operators' names that fit it.
    package var families: [String] {
        switch self {
        case .text, .texts: ["String"]
        case .claim: ["String", "Numeric", "Bool"]
        case .number: ["Numeric"]
        case .date, .timeOfDay: ["Date"]
        case .flag: ["Bool"]
        case .address: ["IpAddress"]
        }
    }

    /// For people.
    package var noun: String {
        switch self {
        case .text: "a text"
        case .texts: "a list of texts"
        case .claim: "a text, a list of texts, a number, or true or false"
        case .number: "a number"
        case .date: "a date"
        case .timeOfDay: "a time of day"
        case .flag: "true or false"
        case .address: "an IP address"
        }
    }
}
