import CallerIdentity
import CredentialCache
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1

/// One connection, without its socket: takes what has come, gives each complete request to ``MetadataService``, and has the answers
/// ready to be sent, in the order of the requests. Who owns the socket calls it from one thread, and looks after each call at
/// ``output``, ``wantsRead``, ``phase``, ``takeAwaited()`` and ``deadline``.
///
/// While a request waits for credentials nothing more is to be read, and neither while the client does not take its answers; so what
/// one connection can pile up is what one read brings.
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

    private enum Item {
        /// With the instant at which it was complete.
        case request(MetadataRequest, NIODeadline)
        /// Answered after what came before it; ends the connection.
        case failure(MetadataError)
    }

    private struct Waiting {
        let number: Int
        let request: MetadataRequest
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
    private var unread = ByteBuffer()
    /// Complete, in order, behind the one that waits.
    private var pending: CircularBuffer<Item> = []
    private var waiting: Waiting?
    private var waitCount = 0
    private var awaited: (key: CredentialKey, number: Int)?
    /// Where the next request begins is unknown, so none is looked for.
    private var hasFailed = false
    private(set) var phase = Phase.open
    /// To be sent. Its owner takes from it what the socket has taken.
    var output = ByteBuffer()

    init(
        service: MetadataService, caller: ObservedCaller, countedFor origin: CallerOrigin?, listener: ListenerContext,
        configuration: ListenerConfiguration, refusal: MetadataError? = nil, callerRequests: CallerRequests,
        observer: (any ConnectionObserver)? = nil, logger: Logger,
        uptime: @escaping @Sendable () -> NIODeadline, now: @escaping @Sendable () -> Date
    ) {
        self.service = service
        self.caller = caller
        self.origin = origin
        self.listener = listener
        patience = TimeAmount(configuration.patience)
        self.uptime = uptime
        self.now = now
        log = ConnectionLog(logger: logger, listener: listener.name, origin: caller.origin)
        clocks = ConnectionClocks(
            request: TimeAmount(configuration.requestTimeout),
            idle: TimeAmount(refusal == nil ? configuration.idleTimeout : configuration.requestTimeout), at: uptime())
        self.refusal = refusal
        self.callerRequests = callerRequests
        self.observer = observer
    }

    // MARK: What its owner asks

    /// Whether what the client sends is to be read now. While there is ``output``, it isn't either.
    var wantsRead: Bool { waiting == nil && phase != .closing && phase != .over }

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
        guard wantsRead, !hasFailed else { return }
        let instant = uptime()
        if unread.readableBytes == 0 {
            parse(&bytes, at: instant)
        } else {
            unread.writeBuffer(&bytes)
            swap(&unread, &bytes)
            parse(&bytes, at: instant)
            unread = ByteBuffer()
        }
        if !hasFailed, bytes.readableBytes > 0 { unread.writeBuffer(&bytes) }
        if phase != .closing, waiting == nil { clocks.readEnded(inRequest: parser.isInRequest, at: instant) }
    }

    /// The attempt has ended. Its patience may have before; then nobody waits any more.
    func attemptEnded(_ number: Int) {
        guard let waiting, waiting.number == number else { return }
        self.waiting = nil
        answer(.request(waiting.request, waiting.since), isFinal: true)
        while self.waiting == nil, phase != .closing, let item = pending.popFirst() { answer(item) }
    }

    /// Ends what has lasted too long.
    func timePassed() {
        let instant = uptime()
        if let waiting, waiting.end <= instant { attemptEnded(waiting.number) }
        while phase != .over, let expiry = clocks.expired(by: instant) {
            switch expiry {
            case .request where phase != .closing: fail(.tooSlow)
            case .idle: phase = .over
            case .drained where isIdle: phase = .over
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
        pending.removeAll()
        observer?.closed()
    }

    // MARK: Answering

    private var isIdle: Bool {
        phase == .draining && waiting == nil && !parser.isInRequest && !clocks.isInRequest
    }

    private func parse(_ bytes: inout ByteBuffer, at instant: NIODeadline) {
        do throws(MetadataError) {
            while phase != .closing, let request = try parser.next(from: &bytes) {
                clocks.requestEnded()
                enqueue(.request(request, instant))
            }
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: MetadataError) {
        hasFailed = true
        enqueue(.failure(error))
    }

    private func enqueue(_ item: Item) {
        if waiting == nil { answer(item) } else { pending.append(item) }
    }

    private func answer(_ item: Item, isFinal: Bool = false) {
        let date = now()
        switch item {
        case .failure(let error):
            write(service.response(to: error, at: listener, now: date), to: nil, since: nil, date)
        case .request(let request, let since):
            if let refusal = isFinal ? nil : refusal(at: since) {
                let response = service.response(to: refusal, at: listener, now: date)
                return write(response, to: request, since: since, date)
            }
            switch service.answer(request, from: caller.current(), at: listener, now: date, isFinal: isFinal) {
            case .respond(let response): write(response, to: request, since: since, date)
            case .awaitCredentials(let key): wait(for: key, request, since)
            }
        }
    }

    private func refusal(at instant: NIODeadline) -> MetadataError? {
        refusal ?? (callerRequests.admit(origin, at: instant) ? nil : .tooManyRequests)
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
        if let note = response.note { log.record(note, target: request?.target) }
        guard !keepsAlive else { return }
        phase = .closing
        pending.removeAll()
    }

    private func observe(_ response: MetadataResponse, to request: MetadataRequest?, since: NIODeadline?) {
        guard let observer else { return }
        observer.answered(
            AnsweredRequest(
                userAgent: request?.userAgent ?? "", status: response.status.code, outcome: response.outcome,
                nanoseconds: since.map { (uptime() - $0).nanoseconds }))
    }
}
