import NIOCore

/// The two clocks of a connection. A request that arrives in one read, as all do in practice, sets neither: the idle
/// clock is looked at when it rings and then wound up for what is left.
final class ConnectionTimeouts: NIOScheduledCallbackHandler {
    enum Expiry {
        /// A request has begun and not ended in time.
        case request
        /// Nothing has come for long.
        case idle
    }

    private let request: TimeAmount
    private let idle: TimeAmount
    private var eventLoop: (any EventLoop)?
    private var expired: ((Expiry) -> Void)?
    private var requestClock: Scheduled<Void>?
    private var idleClock: NIOScheduledCallback?
    private var lastRead = NIODeadline.uptimeNanoseconds(0)
    private var hasEndedRequest = false

    init(request: TimeAmount, idle: TimeAmount) {
        self.request = request
        self.idle = idle
    }

    /// Whether bytes of a request are here, but not its end.
    var isInRequest: Bool { requestClock != nil }

    /// The connection is open. `expired` is kept until ``stop()``.
    func start(on eventLoop: any EventLoop, _ expired: @escaping (Expiry) -> Void) {
        self.eventLoop = eventLoop
        self.expired = expired
        lastRead = eventLoop.now
        windUpIdleClock()
    }

    /// A request is complete.
    func requestEnded() {
        hasEndedRequest = true
        requestClock?.cancel()
        requestClock = nil
    }

    /// A read is over. If it has ended no request, or the next one has begun, its bytes belong to an unfinished one.
    func readEnded(inRequest: Bool) {
        guard let eventLoop else { return }
        lastRead = eventLoop.now
        if requestClock == nil, inRequest || !hasEndedRequest {
            requestClock = eventLoop.assumeIsolated().scheduleTask(in: request) {
                self.requestClock = nil
                self.expired?(.request)
            }
        }
        hasEndedRequest = false
    }

    func stop() {
        requestClock?.cancel()
        idleClock?.cancel()
        expired = nil
    }

    /// A callback, as it costs half of what a task does, and every connection has this one.
    private func windUpIdleClock() {
        idleClock = try? eventLoop?.assumeIsolated().scheduleCallback(at: lastRead + idle, handler: self)
    }

    /// The idle clock rings.
    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard let expired else { return }
        if lastRead + idle <= eventLoop.now { expired(.idle) } else { windUpIdleClock() }
    }
}
