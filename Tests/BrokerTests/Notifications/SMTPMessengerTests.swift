import AccessControl
import Credentials
import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import Broker

/// Mail over real connections, with servers that are honest, others', or silent.
@Suite(.timeLimit(.minutes(1))) struct SMTPMessengerTests {
    /// With user and password, where there is TLS.
    /// - Parameters:
    ///   - server: `nil` for port 1, where nobody listens, and which nobody gets who asks for any.
    ///   - trusts: whether the test's certificate counts, or the system's only.
    static func messenger(
        to server: ScriptedMailServer?, at host: String = "localhost", _ security: SMTPMessenger.Security,
        trusts: Bool = true, user: String = "u", password: String = "p",
        timeout: Duration = .seconds(20)
    ) throws -> SMTPMessenger {
        let file = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString).pem").path()
        try TestCertificate.localhost.write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let hasTLS = security != .none
        let place = SMTPMessenger.Server(
            host: host, port: server?.port ?? 1, security: security, certificates: hasTLS && trusts ? file : nil,
            user: hasTLS ? user : nil, password: hasTLS ? Secret(password) : nil)
        return try SMTPMessenger(
            place, from: try #require(MailAddress("broker@example.com")),
            to: [try #require(MailAddress("a@example.com"))], timeout: timeout)
    }

    static func send(_ messenger: SMTPMessenger) async throws {
        let notice = AddressedNotice(NotificationTargetsTests.notice(), to: NoticeAddress(target: "mail"))
        try await messenger.send(OutgoingNotice(addressed: notice, sentAt: 0))
    }

    /// Of a server that is called localhost.
    static func certificate() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(TestCertificate.localhost.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(TestCertificate.key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }

    /// What a client says to a server that it trusts.
    private static let handedOver = [
        "EHLO example.com", "AUTH PLAIN AHUAcA==", "MAIL FROM:<broker@example.com>", "RCPT TO:<a@example.com>", "DATA",
        ".",
    ]
    private static let secretly = handedOver.map { "(tls) \($0)" }

    @Test func `with STARTTLS nothing but a greeting is said in clear`() async throws {
        try await ScriptedMailServer.running(tls: try Self.certificate(), ScriptedMailServer.obliging) { server in
            try await Self.send(Self.messenger(to: server, .startTLS))
            #expect(Array(server.lines.prefix(8)) == ["EHLO example.com", "STARTTLS"] + Self.secretly)
        }
    }

    @Test func `with TLS from the first byte nothing is said in clear`() async throws {
        try await ScriptedMailServer.running(
            tls: try Self.certificate(), isSecure: true, ScriptedMailServer.obliging
        ) { server in
            try await Self.send(Self.messenger(to: server, .tls))
            #expect(Array(server.lines.prefix(6)) == Self.secretly)
        }
    }

    @Test(
        arguments: [
            (.startTLS, "localhost", false), (.startTLS, "127.0.0.1", true), (.tls, "localhost", false),
            (.tls, "127.0.0.1", true),
        ] as [(SMTPMessenger.Security, String, Bool)])
    func `a certificate that nobody trusted has signed, or one of another name, gets neither password nor mail`(
        security: SMTPMessenger.Security, host: String, trusts: Bool
    ) async throws {
        let isSecure = security == .tls
        try await ScriptedMailServer.running(
            tls: try Self.certificate(), isSecure: isSecure, ScriptedMailServer.obliging
        ) { server in
            let messenger = try Self.messenger(to: server, at: host, security, trusts: trusts)
            let failure = await #expect(throws: DeliveryFailure.self) { try await Self.send(messenger) }
            let reason = failure?.reason ?? ""
            #expect(reason.hasPrefix("the connection to the mail server broke: NIOSSL"), "\(reason)")
            #expect(server.lines == (isSecure ? [] : ["EHLO example.com", "STARTTLS"]))
        }
    }

    /// As somebody on the way would, for the client to take it for what the server says under TLS (CVE-2011-0411).
    @Test(arguments: ["250 ok\r\n", "250-mail\r\n", "250-AUTH", "\r\n"])
    func `what comes in clear behind the answer to STARTTLS ends it`(injected: String) async throws {
        try await ScriptedMailServer.running(
            tls: try Self.certificate(),
            { $0 == "STARTTLS" ? .startTLS("220 go\r\n" + injected) : ScriptedMailServer.obliging($0) }
        ) { server in
            let messenger = try Self.messenger(to: server, .startTLS)
            await #expect(throws: DeliveryFailure("the mail server went on before TLS")) {
                try await Self.send(messenger)
            }
            #expect(server.lines == ["EHLO example.com", "STARTTLS"])
        }
    }

    @Test(arguments: ["250 mail\r\n", "250-mail\r\n250 AUTH PLAIN\r\n", "250-mail\r\n250 AUTH LOGIN\r\n"])
    func `a server without STARTTLS gets neither password nor mail`(answer: String) async throws {
        try await ScriptedMailServer.running({
            $0.hasPrefix("EHLO") ? .answer(answer) : ScriptedMailServer.obliging($0)
        }) { server in
            let messenger = try Self.messenger(to: server, .startTLS)
            await #expect(throws: DeliveryFailure("the mail server doesn't offer STARTTLS")) {
                try await Self.send(messenger)
            }
            try await awaited("its farewell") { server.lines.last == "QUIT" }
            #expect(server.lines == ["EHLO example.com", "QUIT"])
        }
    }

    @Test func `without TLS there is no password`() async throws {
        try await ScriptedMailServer.running(ScriptedMailServer.obliging) { server in
            try await Self.send(Self.messenger(to: server, at: "127.0.0.1", .none))
            #expect(Array(server.lines.prefix(5)) == Self.handedOver.filter { !$0.hasPrefix("AUTH") })
        }
    }

    @Test(arguments: ["", "EHLO", "."])
    func `a server that says nothing any more is waited for until the time is up`(last: String) async throws {
        try await ScriptedMailServer.running({
            $0.prefix(4) == last ? .silence : ScriptedMailServer.obliging($0)
        }) { server in
            let messenger = try Self.messenger(to: server, at: "127.0.0.1", .none, timeout: .milliseconds(200))
            await #expect(throws: DeliveryFailure("the mail server took too long")) {
                try await Self.send(messenger)
            }
            try await awaited("closed") { server.connections == 0 }
        }
    }

    @Test func `an attempt ends with its task, and the connection with it`() async throws {
        try await ScriptedMailServer.running({ _ in .silence }) { server in
            let messenger = try Self.messenger(to: server, at: "127.0.0.1", .none)
            let attempt = Task { try await Self.send(messenger) }
            try await awaited("connected") { server.connections == 1 }
            attempt.cancel()
            await #expect(throws: DeliveryFailure("it was cancelled")) { try await attempt.value }
            try await awaited("closed") { server.connections == 0 }
        }
    }

    @Test func `where nobody listens is nobody reached`() async throws {
        let messenger = try Self.messenger(to: nil, at: "127.0.0.1", .none)
        await #expect(throws: DeliveryFailure("the mail server can't be reached")) { try await Self.send(messenger) }
    }
}
