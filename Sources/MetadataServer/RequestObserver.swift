package import CallerIdentity
package import CredentialCache

/// Counts and records what is asked. It is called on the thread that serves, so each call must return at once.
package protocol RequestObserver: Sendable {
    /// Whose process is to be looked up when they connect, although no rule asks about it.
    var noting: ProcessNoting { get }

    /// A connection may send requests. What is returned hears of it until it is closed.
    func connected(_ connection: ObservedConnection) -> any ConnectionObserver

    /// A connection was closed unheard, because its user holds far too many.
    func dropped()
}

/// Hears of one connection, always on one thread.
package protocol ConnectionObserver: AnyObject {
    /// An answer is being written.
    func answered(_ request: AnsweredRequest)

    /// The connection is closed; nothing follows.
    func closed()
}

/// A connection that may send requests.
package struct ObservedConnection: Sendable {
    package let caller: ObservedCaller
    /// As the configuration calls it.
    package let listener: String
    package let face: ListenerFace

    package init(caller: ObservedCaller, listener: String, face: ListenerFace) {
        self.caller = caller
        self.listener = listener
        self.face = face
    }
}

/// A request whose answer is being written.
package struct AnsweredRequest: Sendable {
    /// What the program calls itself: its own word, of any length and content. Empty if nothing.
    package let userAgent: String
    /// The HTTP status.
    package let status: UInt
    package let outcome: RequestOutcome
    /// From the request's end to its answer; `nil` if its end never came.
    package let nanoseconds: Int64?

    package init(userAgent: String, status: UInt, outcome: RequestOutcome, nanoseconds: Int64?) {
        self.userAgent = userAgent
        self.status = status
        self.outcome = outcome
        self.nanoseconds = nanoseconds
    }
}

/// What became of a request.
package enum RequestOutcome: Sendable {
    /// Something was told, but no credentials.
    case told
    /// These credentials were handed out.
    case handedOut(CredentialKey, PreparedCredentials)
    case failed(RequestFailure)

    var isFailure: Bool { if case .failed = self { true } else { false } }
}

/// Why a request did not get what it asked for.
package struct RequestFailure: Sendable {
    /// Stable, for programs.
    package let code: String
    /// Set if the caller was turned away, whatever there was to have.
    package let denial: DenialReason?
    /// Whose credentials were asked for, if the request got so far.
    package let key: CredentialKey?

    package init(code: String, denial: DenialReason?, key: CredentialKey?) {
        self.code = code
        self.denial = denial
        self.key = key
    }

    init(_ error: MetadataError, about key: CredentialKey? = nil) {
        self.init(code: error.code, denial: DenialReason(error), key: key)
    }
}

/// Why a caller is turned away.
package enum DenialReason: String, Sendable, CaseIterable {
    case callerUnknown = "caller_unknown"
    case noRule = "no_rule"
    case foreignHost = "foreign_host"
    case forwarded
    case browser
    case tooManyConnections = "too_many_connections"
    case tooManyRequests = "too_many_requests"
    case sessionTokenRejected = "session_token_rejected"
    case authorizationMissing = "authorization_missing"
    case authorizationRejected = "authorization_rejected"
    /// Closed unheard, at twice the number of connections that one user may hold.
    case connectionDropped = "connection_dropped"

    /// `nil` for errors that say nothing about the caller.
    init?(_ error: MetadataError) {
        switch error {
        case .callerUnknown: self = .callerUnknown
        case .callerNotAllowed: self = .noRule
        case .foreignHost: self = .foreignHost
        case .forwarded: self = .forwarded
        case .fromBrowser: self = .browser
        case .tooManyConnections: self = .tooManyConnections
        case .tooManyRequests: self = .tooManyRequests
        case .sessionTokenRejected: self = .sessionTokenRejected
        case .authorizationMissing: self = .authorizationMissing
        case .authorizationRejected: self = .authorizationRejected
        default: return nil
        }
    }
}
