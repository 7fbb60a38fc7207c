import FoundationEssentials

/// The client's side of handing one message to a mail submission server (RFC 6409, RFC 5321), as a value: it takes replies and
/// says what to do next. Nothing but the greeting goes out in clear where TLS is wanted, and no password without TLS.
struct SMTPDialogue: Sendable {
    enum Action: Equatable, Sendable {
        case send([UInt8])
        /// Start TLS, then call ``tlsEstablished()``.
        case startTLS
        /// The server has taken the message over.
        case done
    }

    struct Login: Sendable {
        let user: String
        let password: String
    }

    private enum State {
        case greeting, hello, startTLS, handshake, secureHello, login, sender, data, content
        case recipient(index: Int, accepted: Int)
        case finished
    }

    private let message: MailMessage
    private let login: Login?
    private let wantsStartTLS: Bool
    private var state = State.greeting

    init(_ message: MailMessage, login: Login?, wantsStartTLS: Bool) {
        self.message = message
        self.login = login
        self.wantsStartTLS = wantsStartTLS
    }

    mutating func tlsEstablished() -> Action {
        state = .secureHello
        return Self.hello
    }

    mutating func next(after reply: SMTPReply) throws(DeliveryFailure) -> Action {
        switch state {
        case .greeting:
            try reply.require(220, to: "its greeting")
            state = wantsStartTLS ? .hello : .secureHello
            return Self.hello
        case .hello:
            try reply.require(250, to: "EHLO")
            guard reply.offers("STARTTLS") else { throw DeliveryFailure("the mail server doesn't offer STARTTLS") }
            state = .startTLS
            return Self.command("STARTTLS")
        case .startTLS:
            try reply.require(220, to: "STARTTLS")
            state = .handshake
            return .startTLS
        case .secureHello:
            try reply.require(250, to: "EHLO")
            return try loggingIn(reply)
        case .login:
            try reply.require(235, to: "AUTH")
            return sender()
        case .sender:
            try reply.require(250, to: "MAIL FROM")
            return recipient(0, accepted: 0)
        case .recipient(let index, let accepted):
            return try afterRecipient(index, accepted + (reply.code == 250 || reply.code == 251 ? 1 : 0), reply)
        case .data:
            try reply.require(354, to: "DATA")
            state = .content
            return .send(message.transparentBytes)
        case .content:
            try reply.require(250, to: "the message")
            state = .finished
            return .done
        case .handshake, .finished: throw DeliveryFailure("the mail server said something unasked for")
        }
    }

    private mutating func loggingIn(_ reply: SMTPReply) throws(DeliveryFailure) -> Action {
        guard let login else { return sender() }
        guard reply.offers("AUTH", with: "PLAIN") else {
            throw DeliveryFailure("the mail server doesn't offer AUTH PLAIN")
        }
        state = .login
        // RFC 4616: no other identity, user, password, each ended by a zero.
        return Self.command("AUTH PLAIN " + Data("\0\(login.user)\0\(login.password)".utf8).base64EncodedString())
    }

    private mutating func sender() -> Action {
        state = .sender
        return Self.command("MAIL FROM:<\(message.from)>")
    }

    private mutating func recipient(_ index: Int, accepted: Int) -> Action {
        state = .recipient(index: index, accepted: accepted)
        return Self.command("RCPT TO:<\(message.to[index])>")
    }

    /// One address that the server doesn't know keeps the message from nobody else.
    private mutating func afterRecipient(
        _ index: Int, _ accepted: Int, _ reply: SMTPReply
    ) throws(DeliveryFailure) -> Action {
        if index + 1 < message.to.count { return recipient(index + 1, accepted: accepted) }
        guard accepted > 0 else { throw DeliveryFailure("the mail server refuses the address: \(reply.summary)") }
        state = .data
        return Self.command("DATA")
    }

    /// An address literal that says nothing of this machine; submission servers don't look at it (RFC 5321 section 4.1.3).
    private static let hello = command("EHLO [127.0.0.1]")

    private static func command(_ line: String) -> Action { .send(Array("\(line)\r\n".utf8)) }
}
