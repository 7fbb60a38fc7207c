import NIOCore
import NIOHTTP1

/// A request whose head has come from the client, the fault that hits it, and all that has come of it so far: it may
/// have to be sent again.
struct ProxyTurn {
    /// A longer body is passed on and forgotten.
    private static let longestKept = 1 << 20

    let head: HTTPRequestHead
    let path: String
    let fault: Fault?
    /// All that has come, as the service gets it; empty if it is too long to be kept.
    private(set) var parts: [HTTPClientRequestPart]
    /// Whether its end has come.
    private(set) var isWhole = false
    private var bodyLength = 0
    private var isRepeated = false

    init(head: HTTPRequestHead, path: String, fault: Fault?) {
        self.head = head
        self.path = path
        self.fault = fault
        parts = [.head(head)]
    }

    /// Whether the service gets it.
    var isForwarded: Bool {
        switch fault?.kind {
        case .hang, .reset, .error, .garbage, .close: false
        case .drip, .truncate, .wrongContentType, nil: true
        }
    }

    /// Keeps what has come next, and returns it as the service gets it; `nil` if it is no part of this request.
    mutating func take(_ part: HTTPServerRequestPart) -> HTTPClientRequestPart? {
        let taken: HTTPClientRequestPart
        switch part {
        case .head: return nil
        case .body(let bytes):
            bodyLength += bytes.readableBytes
            taken = .body(.byteBuffer(bytes))
        case .end(let trailers):
            isWhole = true
            taken = .end(trailers)
        }
        if isKept { parts.append(taken) } else { parts = [] }
        return taken
    }

    /// The same once more, for another connection; `nil` if it was repeated already, or that might do harm (RFC 9110,
    /// section 9.2.2).
    ///
    /// - Parameter wasSent: whether the service may have got any of it.
    func repeated(wasSent: Bool) -> ProxyTurn? {
        guard isWhole, isKept, !isRepeated, !wasSent || head.method.isIdempotent else { return nil }
        var turn = self
        turn.isRepeated = true
        return turn
    }

    private var isKept: Bool { bodyLength <= Self.longestKept }
}

extension HTTPMethod {
    /// Whether many of them do what one does.
    fileprivate var isIdempotent: Bool {
        switch self {
        case .GET, .HEAD, .OPTIONS, .TRACE, .PUT, .DELETE: true
        default: false
        }
    }
}
