import NIOCore

/// When a connection's time is over. A request that arrives in one read, as all do in practice, moves nothing but the instant of
/// the last read.
struct ConnectionClocks {
    enum Expiry {
        /// A request has begun and not ended in time.
        case request
        /// Nothing has come for long.
        case idle
        /// The daemon stops, and the client has had the time to say what it didn't know that of.
        case drained
    }

    private let request: TimeAmount
    private let idle: TimeAmount
    private var lastRead: NIODeadline
    private var requestEnd: NIODeadline?
    private var drainEnd: NIODeadline?

    /// - Parameter instant: at which the connection was opened.
    init(request: TimeAmount, idle: TimeAmount, at instant: NIODeadline) {
        self.request = request
        self.idle = idle
        lastRead = instant
    }

    /// Whether bytes of a request are here, but not its end.
    var isInRequest: Bool { requestEnd != nil }

    /// Nothing expires before.
    var next: NIODeadline {
        min(lastRead + idle, requestEnd ?? .distantFuture, drainEnd ?? .distantFuture)
    }

    /// Something has come, or was answered after a wait.
    mutating func noteRead(at instant: NIODeadline) {
        lastRead = instant
    }

    /// A request is complete.
    mutating func requestEnded() {
        requestEnd = nil
    }

    /// All that has come is understood, and more is wanted.
    /// - Parameter inRequest: whether a request has begun.
    mutating func readEnded(inRequest: Bool, at instant: NIODeadline) {
        if inRequest, requestEnd == nil { requestEnd = instant + request }
    }

    /// The daemon stops.
    mutating func drain(at end: NIODeadline) {
        drainEnd = end
    }

    /// What has expired by `instant`, each once.
    mutating func expired(by instant: NIODeadline) -> Expiry? {
        if let requestEnd, requestEnd <= instant {
            self.requestEnd = nil
            return .request
        }
        if lastRead + idle <= instant { return .idle }
        if let drainEnd, drainEnd <= instant {
            self.drainEnd = nil
            return .drained
        }
        return nil
    }
}
