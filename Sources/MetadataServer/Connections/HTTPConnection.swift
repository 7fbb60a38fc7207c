import CallerIdentity
import CredentialCache
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1

/// One connection, without its socket: takes what has come, gives each complete request to ``MetadataService``, and has the answers
/// ready to be sent, in the order of the requests. Who owns the socket calls it from one thread, and looks after each call at
/// ``output``, ``phase``, ``canProceed``, ``wantsRead``, ``takeAwaited()`` and ``deadline``.
///
/// Each call answers one request at most, so that a client that sends many at once has no longer a turn than others. While a request
/// waits for credentials nothing more is to be read, and neither while the client does not take its answers; so what one connection
/// can pile up is what one read brings.
final class HTTPConnection {
    /// How long a connection on which nothing is owed is kept when the daemon stops. What its client has sent by then, not knowing of
    /// that, is still answered, as the connection's last.
    static let drainLinger = TimeAmount.milliseconds(250)

    enum Phase {
        case open
        /// Ends as soon as no answer is owed.
        case draining
        /// The last answer is in ``output``; whatever still comes is ignored. To be closed when that is sent.
        case closing
        /// To be closed now.
        case over
    }

    private struct Waiting {
        let number: Int
        let request: MetadataRequest
        /// When it was complete.
        let since: NIODeadline
        let end: NIODeadline
    }

    private let service: MetadataService
    private let caller: ObservedCaller
    private let origin: CallerOrigin?
    private let listener: ListenerContext
    private let patience: TimeAmount
    private let uptime: @Sendable () -> NIODeadline
    private let now: @Sendable () -> Date
    private let log: ConnectionLog
    /// What the first request is told instead of an answer.
    private let refusal: MetadataError?
    private let callerRequests: CallerRequests
    private let observer: (any ConnectionObserver)?

    private var clocks: ConnectionClocks
    private var parser = RequestParser()
    /// What has come, but for what the parser has taken.
    private(set) var unread = ByteBuffer()
    /// ``unread`` may hold another request.
    private var hasPipelined = false
    private var lastRead: NIODeadline
    private var waiting: Waiting?
    private var waitCount = 0
    private var awaited: (key: CredentialKey, number: Int)?
    private(set) var phase = Phase.open
    /// To be sent. Its owner takes from it what the socket has taken.
    var output = ByteBuffer()

    init(
        service: MetadataService, caller: ObservedCaller, countedFor origin: CallerOrigin?, listener: ListenerContext,
        configuration: ListenerConfiguration, refusal: MetadataError? = nil, callerRequests: CallerRequests,
        callerLogLines: CallerLogLines, observer: (any ConnectionObserver)? = nil, logger: Logger,
        uptime: @escaping @Sendable () -> NIODeadline, now: @escaping @Sendable () -> Date
    ) {
        self.service = service
        self.caller = caller
        self.origin = origin
        self.listener = listener
        patience = TimeAmount(configuration.patience)
        self.uptime = uptime
        self.now = now
        log = ConnectionLog(
            logger: logger, listener: listener.name, origin: caller.origin, countedFor: origin, lines: callerLogLines)
        lastRead = uptime()
        clocks = ConnectionClocks(
            request: TimeAmount(configuration.requestTimeout),
            idle: TimeAmount(refusal == nil ? configuration.idleTimeout : configuration.requestTimeout), at: lastRead)
        self.refusal = refusal
        self.callerRequests = callerRequests
        self.observer = observer
    }

    // MARK: What its owner asks

    /// Whether what the client sends is to be read now. While there is ``output``, it isn't either.
    var wantsRead: Bool { isAsking && !hasPipelined }

    /// Whether ``proceed()`` is to be called when the others have had their turn, and ``output`` is sent.
    var canProceed: Bool { isAsking && hasPipelined }

    private var isAsking: Bool { waiting == nil && (phase == .open || phase == .draining) }

    /// ``timePassed()`` has nothing to do before.
    var deadline: NIODeadline { min(clocks.next, waiting?.end ?? .distantFuture) }

    /// A request waits for the next attempt for this key to end: ``attemptEnded(_:)`` is to be told then, with the number. Each is
    /// returned once.
    func takeAwaited() -> (key: CredentialKey, number: Int)? {
        defer { awaited = nil }
        return awaited
    }

    // MARK: What happens

    /// These bytes have come. What is left of them is kept here.
    func received(_ bytes: inout ByteBuffer) {
        guard wantsRead else { return }
        lastRead = uptime()
        clocks.noteRead(at: lastRead)
        guard unread.readableBytes == 0 else {
            // What was answered long ago would be kept as long as no read ends where a request does.
            unread.discardReadBytes()
            unread.writeBuffer(&bytes)
            return takeRequest(isNew: true)
        }
        answerNext(in: &bytes, isNew: true)
        if bytes.readableBytes > 0, phase != .closing { unread.writeBuffer(&bytes) }
    }

    /// Answers the next one of several requests that have come at once.
    func proceed() {
        guard canProceed else { return }
        takeRequest(isNew: false)
    }

    /// The attempt has ended. Its patience may have before; then nobody waits any more.
    func attemptEnded(_ number: Int) {
        guard let waiting, waiting.number == number else { return }
        self.waiting = nil
        answer(waiting.request, since: waiting.since, isFinal: true)
        clocks.noteRead(at: uptime())
    }

    /// Ends what has lasted too long.
    func timePassed() {
        let instant = uptime()
        if let waiting, waiting.end <= instant { attemptEnded(waiting.number) }
        while phase != .over, let expiry = clocks.expired(by: instant) {
            switch expiry {
            case .request where isAsking: fail(.tooSlow)
            case .idle: phase = .over
            // An answer that is being sent is owed.
            case .drained where isIdle: phase = output.readableBytes == 0 ? .over : .closing
            case .request, .drained: break
            }
        }
    }

    /// The daemon stops: running requests end, and what comes now is the last.
    func drain() {
        guard phase == .open else { return }
        phase = .draining
        clocks.drain(at: uptime() + Self.drainLinger)
    }

    /// The socket is closed.
    func closed() {
        phase = .over
        waiting = nil
        observer?.closed()
    }

    // MARK: Answering

    private var isIdle: Bool { phase == .draining && wantsRead && !parser.isInRequest && !clocks.isInRequest }

    private func takeRequest(isNew: Bool) {
        var bytes = ByteBuffer()
        swap(&unread, &bytes)
        answerNext(in: &bytes, isNew: isNew)
        if phase != .closing, bytes.readableBytes > 0 { unread = bytes }
    }

    /// - Parameter isNew: whether some of the bytes have just come. If they end no request, they belong to an unfinished one.
    private func answerNext(in bytes: inout ByteBuffer, isNew: Bool) {
        hasPipelined = false
        do throws(MetadataError) {
            guard let request = try parser.next(from: &bytes) else {
                return clocks.readEnded(inRequest: isNew || parser.isInRequest, at: uptime())
            }
            clocks.requestEnded()
            hasPipelined = bytes.readableBytes > 0
            answer(request, since: lastRead)
        } catch {
            fail(error)
        }
    }

    /// Nobody knows where the next request begins, so none is looked for.
    private func fail(_ error: MetadataError) {
        unread = ByteBuffer()
        let date = now()
        write(service.response(to: error, at: listener, now: date), to: nil, since: nil, date)
    }

    private func answer(_ request: MetadataRequest, since: NIODeadline, isFinal: Bool = false) {
        let date = now()
        if let refusal = isFinal ? nil : refuse() {
            return write(service.response(to: refusal, at: listener, now: date), to: request, since: since, date)
        }
        switch service.answer(request, from: caller.current(), at: listener, now: date, isFinal: isFinal) {
        case .respond(let response): write(response, to: request, since: since, date)
        case .awaitCredentials(let key): wait(for: key, request, since)
        }
    }

    /// Counts the request, when it has its turn: it may have come long before.
    private func refuse() -> MetadataError? {
        refusal ?? (callerRequests.admit(origin, at: uptime()) ? nil : .tooManyRequests)
    }

    private func wait(for key: CredentialKey, _ request: MetadataRequest, _ since: NIODeadline) {
        waitCount &+= 1
        waiting = Waiting(number: waitCount, request: request, since: since, end: uptime() + patience)
        awaited = (key, waitCount)
    }

    /// - Parameter since: when the request was complete; `nil` if it never was.
    private func write(
        _ response: MetadataResponse, to request: MetadataRequest?, since: NIODeadline?, _ date: Date
    ) {
        observe(response, to: request, since: since)
        let keepsAlive = phase == .open && !response.endsConnection && request?.keepsAlive ?? false
        output.reserveCapacity(minimumWritableBytes: response.lengthHint)
        response.write(into: &output, now: date, omitsBody: request?.method == .head, keepsAlive: keepsAlive)
        if let note = response.note { log.record(note, target: request?.target, at: lastRead) }
        if !keepsAlive { phase = .closing }
    }

    private func observe(_ response: MetadataResponse, to request: MetadataRequest?, since: NIODeadline?) {
        guard let observer else { return }
        observer.answered(
            AnsweredRequest(
                userAgent: request?.userAgent ?? "", status: response.status.code, outcome: response.outcome,
                nanoseconds: since.map { (uptime() - $0).nanoseconds }))
    }
}
