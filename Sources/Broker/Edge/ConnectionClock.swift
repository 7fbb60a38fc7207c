import NIOCore

/// How long a client may take for what it is about to do. A pure value: what happens on the connection goes in, what to wait for
/// comes out.
struct ConnectionClock: Equatable {
    struct Limits: Equatable, Sendable {
        /// From connecting, over the TLS handshake, to the end of the first request's head.
        var greeting = TimeAmount.seconds(10)
        /// From a request's head to the end of its body.
        var body = TimeAmount.seconds(20)
        /// From an answer to the end of the next request's head.
        var idle = TimeAmount.seconds(60)
        /// Until a client that is sent more than it reads goes on reading.
        var reading = TimeAmount.seconds(20)
    }

    enum Event: Equatable { case connected, head, bodyEnd, answerEnd }

    enum Step: Equatable {
        /// What was waited for before goes on being waited for.
        case goOn
        /// Close the connection unless something else happens within that time.
        case wait(TimeAmount)
        /// The broker itself is at work; its own limits hold.
        case stop
    }

    private let limits: Limits
    private var isReading = false
    /// Requests whose answers aren't written.
    private(set) var open = 0

    init(_ limits: Limits) { self.limits = limits }

    mutating func step(_ event: Event) -> Step {
        switch event {
        case .connected: return .wait(limits.greeting)
        case .head:
            isReading = true
            open += 1
            return .wait(limits.body)
        case .bodyEnd:
            isReading = false
            return open > 0 ? .stop : .wait(limits.idle)
        case .answerEnd:
            open = max(0, open - 1)
            // An answer may come before the whole request; its rest must still come in time.
            if isReading { return .goOn }
            return open > 0 ? .stop : .wait(limits.idle)
        }
    }
}
