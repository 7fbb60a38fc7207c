import AccessControl
package import Credentials
import FoundationEssentials
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Hands notices to a mail submission server.
package struct SMTPMessenger: Messenger {
    package enum Security: String, Sendable {
        /// TLS from the first byte (RFC 8314, usually port 465).
        case tls
        /// TLS after a greeting (RFC 3207, usually port 587).
        case startTLS = "starttls"
        /// None; for a server on this machine.
        case none
    }

    package struct Server: Sendable {
        package let host: String
        package let port: Int
        package let security: Security
        /// The file of certificates that it must be signed by; `nil`: those that the system trusts.
        package let certificates: String?
        package let user: String?
        package let password: Secret?
    }

    /// For so long after what it tells of, a notice waits for all its recipients. Greylisting is over by then; who is refused longer,
    /// such as for a full mailbox, keeps it from nobody else.
    private static let patience: TimeInterval = 3600

    private let server: Server
    private let from: MailAddress
    /// Who gets a notice that names nobody.
    private let to: [MailAddress]
    private let tls: NIOSSLContext?
    private let timeout: TimeAmount
    private var logger: Logger?

    /// Fails if the certificates can't be read.
    /// - Parameter timeout: for everything from connecting to the server's last word.
    package init(_ server: Server, from: MailAddress, to: [MailAddress], timeout: Duration = .seconds(20)) throws {
        self.server = server
        self.from = from
        self.to = to
        self.timeout = TimeAmount(timeout)
        guard server.security != .none else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = server.certificates { configuration.trustRoots = .file(file) }
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// The same, which also says in the log whom the server refuses.
    func logging(to logger: Logger) -> SMTPMessenger {
        var messenger = self
        messenger.logger = logger
        return messenger
    }

    package func send(_ message: OutgoingNotice) async throws(DeliveryFailure) {
        let notice = message.addressed
        let own = notice.address.recipient.map { MailAddress($0).map { [$0] } ?? [] }
        let recipients = own ?? to
        guard !recipients.isEmpty else { throw DeliveryFailure("there is no address to send it to") }
        let text = NoticeText(notice.notice, link: message.link)
        let mail = MailMessage(
            from: from, to: recipients, subject: text.subject, lines: text.lines, id: notice.id,
            date: Date(timeIntervalSince1970: message.sentAt))
        let age = message.sentAt - notice.notice.at.timeIntervalSince1970
        do {
            log(try await submit(mail, waitsForAll: age < Self.patience), of: notice)
        } catch let failure as DeliveryFailure {
            throw failure
        } catch {
            throw DeliveryFailure("the mail server can't be used: \(type(of: error))")
        }
    }

    private func log(_ refusals: [SMTPDialogue.Refusal], of notice: AddressedNotice) {
        for refusal in refusals {
            logger?.warning(
                "mail recipient refused",
                metadata: [
                    "notice": "\(notice.id)", "target": "\(notice.address.target)",
                    "request": "\(notice.notice.requestID)", "recipient": "\(refusal.recipient)",
                    "reply": "\(refusal.reply)",
                ])
        }
    }

    /// Returns whom the server refuses, though it has taken the mail for others. Ends at once if its task is cancelled.
    private func submit(_ mail: MailMessage, waitsForAll: Bool) async throws -> [SMTPDialogue.Refusal] {
        let login = server.user.map { SMTPDialogue.Login(user: $0, password: server.password?.revealed() ?? "") }
        let dialogue = SMTPDialogue(
            mail, login: login, wantsStartTLS: server.security == .startTLS, waitsForAll: waitsForAll)
        let isAddress = (try? SocketAddress(ipAddress: server.host, port: server.port)) != nil
        let name = isAddress ? nil : server.host
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let outcome = eventLoop.makePromise(of: [SMTPDialogue.Refusal].self)
        let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(.seconds(5))
            .channelInitializer { [tls, timeout, security = server.security] channel in
                channel.eventLoop.makeCompletedFuture {
                    if security == .tls, let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        SMTPClientHandler(dialogue, tls: tls, name: name, timeout: timeout, outcome: outcome))
                }
            }
        let connected = bootstrap.connect(host: server.host, port: server.port)
        connected.whenFailure { _ in outcome.fail(DeliveryFailure("the mail server can't be reached")) }
        // A connection that stands only after the end is closed, too.
        connected.whenSuccess { channel in outcome.futureResult.whenComplete { _ in channel.close(promise: nil) } }
        return try await withTaskCancellationHandler {
            try await outcome.futureResult.get()
        } onCancel: {
            outcome.fail(DeliveryFailure("it was cancelled"))
        }
    }
}
