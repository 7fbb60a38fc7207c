/// A service that a fault proxy stands in front of.
package enum FaultTarget: String, Sendable, Codable, CaseIterable {
    case idp
    case sts
    case broker
}

/// What a proxy does instead of, or to, the service's answer.
package enum FaultKind: String, Sendable, Codable, CaseIterable {
    /// Says nothing until the fault is over, then closes.
    case hang
    /// Ends the connection with a TCP reset.
    case reset
    /// Answers with an error status.
    case error
    /// Answers bytes that are not HTTP.
    case garbage
    /// Gives the service's answer one byte at a time.
    case drip
    /// Closes the connection without a word.
    case close
    /// Gives the service's answer as `text/html`.
    case wrongContentType = "wrong-content-type"
    /// Gives half of the body of the service's answer, then closes.
    case truncate
}

/// A fault as it is armed: `POST /faults`.
package struct Fault: Sendable, Codable, Equatable {
    package var target: FaultTarget
    package var kind: FaultKind
    /// How long the fault stays armed, from now on.
    package var seconds: Double
    /// When given, the fault acts during the first half of each period only.
    package var periodSeconds: Double?
    /// When given, only requests with this path (without query) are hit.
    package var path: String?
    /// For `error`: the status to answer, 500 by default.
    package var status: Int?

    package init(
        target: FaultTarget, kind: FaultKind, seconds: Double, periodSeconds: Double? = nil, path: String? = nil,
        status: Int? = nil
    ) {
        self.target = target
        self.kind = kind
        self.seconds = seconds
        self.periodSeconds = periodSeconds
        self.path = path
        self.status = status
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case target, kind, seconds, path, status
        case periodSeconds = "period_seconds"
    }

    /// One sentence on what makes the fault impossible.
    package var problem: String? {
        // A day is far more than any test needs, and keeps arithmetic far from overflow.
        if !(seconds > 0 && seconds <= 86400) { return "seconds must be over 0 and at most 86400" }
        if let periodSeconds, !(periodSeconds > 0 && periodSeconds <= 86400) {
            return "period_seconds must be over 0 and at most 86400"
        }
        if let status, kind != .error || !(400...599).contains(status) {
            return "status must be 400 to 599, and belongs to the kind error"
        }
        if let path, !path.hasPrefix("/") { return "path must begin with /" }
        return nil
    }
}
