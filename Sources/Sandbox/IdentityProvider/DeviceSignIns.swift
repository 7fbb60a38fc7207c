import FoundationEssentials

/// Device authorizations under way (RFC 8628). Pure state: time comes in with each call.
struct DeviceSignIns: Sendable {
    /// Seconds for which a user code is good.
    static let lifetime: TimeInterval = 600
    /// Seconds between polls; a `slow_down` adds five (RFC 8628 section 3.5).
    static let interval = 1

    struct Start: Sendable {
        var deviceCode: String
        var userCode: String
    }

    private struct Pending {
        var userCode: String
        var clientID: String
        var scope: String
        var expiry: Date
        var interval = TimeInterval(DeviceSignIns.interval)
        var lastPoll: Date?
        var outcome: Outcome = .waiting
    }

    private enum Outcome {
        case waiting
        case allowed(SignInSession)
        case denied
    }

    private var pending: [String: Pending] = [:]

    mutating func begin(clientID: String, scope: String, now: Date) -> Start {
        pending = pending.filter { $0.value.expiry > now.addingTimeInterval(-Self.lifetime) }
        // No vowels and no look-alikes, as RFC 8628 section 6.1 suggests.
        let letters = RandomText.characters(8, of: "BCDFGHJKLMNPQRSTVWXZ")
        let start = Start(
            deviceCode: RandomText.urlSafe(bytes: 32), userCode: "\(letters.prefix(4))-\(letters.suffix(4))")
        pending[start.deviceCode] = Pending(
            userCode: start.userCode, clientID: clientID, scope: scope,
            expiry: now.addingTimeInterval(Self.lifetime))
        return start
    }

    /// The person picked a user (or none: denied). False when the code is unknown, expired or decided already. Case,
    /// dashes and blanks in what was typed don't matter.
    mutating func decide(userCode typed: String, user: SampleUser?, now: Date) -> Bool {
        guard let code = deviceCode(for: typed, now: now), let entry = pending[code] else { return false }
        guard let user else {
            pending[code]?.outcome = .denied
            return true
        }
        pending[code]?.outcome = .allowed(
            SignInSession(
                user: user, clientID: entry.clientID, scope: entry.scope, nonce: nil, authenticatedAt: now,
                family: RandomText.urlSafe(bytes: 12)))
        return true
    }

    /// One poll of the token endpoint.
    mutating func poll(deviceCode: String, clientID: String, now: Date) throws(OAuthError) -> SignInSession {
        guard let entry = pending[deviceCode], entry.clientID == clientID else {
            throw OAuthError(.invalidGrant, "the device code is unknown or used")
        }
        guard entry.expiry > now else { throw OAuthError(.expiredToken, "the device code has expired; start again") }
        let isEarly = entry.lastPoll.map { now.timeIntervalSince($0) < entry.interval } ?? false
        pending[deviceCode]?.lastPoll = now
        switch entry.outcome {
        case .allowed(let session):
            pending[deviceCode] = nil
            return session
        case .denied:
            pending[deviceCode] = nil
            throw OAuthError(.accessDenied, "the sign-in was refused")
        case .waiting where isEarly:
            pending[deviceCode]?.interval += 5
            throw OAuthError(.slowDown, "wait five seconds longer between polls")
        case .waiting:
            throw OAuthError(.authorizationPending, "nobody has entered the code yet")
        }
    }

    private func deviceCode(for typed: String, now: Date) -> String? {
        let wanted = Self.letters(typed)
        let match = pending.first { entry in
            guard case .waiting = entry.value.outcome else { return false }
            return entry.value.expiry > now && Self.letters(entry.value.userCode) == wanted
        }
        return match?.key
    }

    private static func letters(_ text: String) -> String {
        String(text.uppercased().filter { $0.isASCII && $0.isLetter })
    }
}
