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

    /// Whom the server refuses, and its words.
    struct Refusal: Equatable, Sendable {
        let recipient: String
        let reply: String
    }

    private enum State {
        case greeting, hello, startTLS, handshake, secureHello, sender, data, content
        case login(SMTPAuthentication)
        case recipient(index: Int)
        case finished
    }

    /// Who doesn't get the message; complete with ``Action/done``.
    private(set) var refusals: [Refusal] = []

    private let message: MailMessage
    private let login: Login?
    private let wantsStartTLS: Bool
    private let waitsForAll: Bool
    private var state = State.greeting

    /// - Parameter waitsForAll: whether nobody gets the message as long as the server refuses somebody for the moment only.
    init(_ message: MailMessage, login: Login?, wantsStartTLS: Bool, waitsForAll: Bool) {
        self.message = message
        self.login = login
        self.wantsStartTLS = wantsStartTLS
        self.waitsForAll = waitsForAll
    }

    mutating func tlsEstablished() -> Action {
        state = .secureHello
        return hello
    }

    mutating func next(after reply: SMTPReply) throws(DeliveryFailure) -> Action {
        switch state {
        case .greeting:
            try reply.require(220, to: "its greeting")
            state = wantsStartTLS ? .hello : .secureHello
            return hello
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
        case .login(var authentication):
            guard let line = try authentication.line(after: reply) else { return sender() }
            state = .login(authentication)
            return Self.command(line)
        case .sender:
            try reply.require(250, to: "MAIL FROM")
            return recipient(0)
        case .recipient(let index):
            return try afterRecipient(index, reply)
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
        let authentication = try SMTPAuthentication(login, offered: reply.mechanisms)
        state = .login(authentication)
        return Self.command(authentication.command)
    }

    private mutating func sender() -> Action {
        state = .sender
        return Self.command("MAIL FROM:<\(message.from)>")
    }

    private mutating func recipient(_ index: Int) -> Action {
        state = .recipient(index: index)
        return Self.command("RCPT TO:<\(message.to[index])>")
    }

    /// An address that the server refuses for good (5xx) keeps the message from nobody else. What is refused for the moment (4xx,
    /// such as greylisting) may be taken later.
    private mutating func afterRecipient(_ index: Int, _ reply: SMTPReply) throws(DeliveryFailure) -> Action {
        if reply.code != 250, reply.code != 251 {
            if waitsForAll, (400..<500).contains(reply.code) {
                throw DeliveryFailure("the mail server refuses an address for the moment: \(reply.summary)")
            }
            refusals.append(Refusal(recipient: message.to[index], reply: reply.summary))
        }
        if index + 1 < message.to.count { return recipient(index + 1) }
        guard refusals.count < message.to.count else {
            throw DeliveryFailure("the mail server refuses the address: \(reply.summary)")
        }
        state = .data
        return Self.command("DATA")
    }

    private var hello: Action { Self.command("EHLO \(message.clientName)") }

    private static func command(_ line: String) -> Action { .send(Array("\(line)\r\n".utf8)) }
}
