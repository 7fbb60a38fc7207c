import AccessControl
import Foundation
import Testing

@testable import Broker

/// Mail as it goes over the wire.
@Suite struct MailTests {
    private static func message(subject: String = "hello", lines: [String] = ["."], to: [String] = ["a@example.com"])
        throws
        -> MailMessage
    {
        MailMessage(
            from: try #require(MailAddress("broker@example.com")), to: try to.map { try #require(MailAddress($0)) },
            subject: subject, lines: lines, id: "0123", date: Date(timeIntervalSince1970: 1_800_000_000))
    }

    private static func replies(_ text: String) throws -> [SMTPReply] {
        var reader = SMTPReplyReader()
        return try text.utf8.compactMap { try reader.reply(completedBy: $0) }
    }

    /// What the client says to those replies, one line each; the message itself is "MESSAGE".
    private static func said(
        to text: String, login: SMTPDialogue.Login? = nil, startTLS: Bool = false,
        recipients: [String] = ["a@example.com"], waitsForAll: Bool = true
    ) throws -> [String] {
        let message = try message(to: recipients)
        var dialogue = SMTPDialogue(message, login: login, wantsStartTLS: startTLS, waitsForAll: waitsForAll)
        var said: [String] = []
        func note(_ action: SMTPDialogue.Action) {
            switch action {
            case .send(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                said.append(bytes == message.transparentBytes ? "MESSAGE" : text.replacing("\r\n", with: ""))
            case .startTLS:
                said.append("TLS")
                note(dialogue.tlsEstablished())
            case .done:
                said.append("DONE")
                said += dialogue.refusals.map { "\($0.recipient) refused: \($0.reply)" }
            }
        }
        for reply in try replies(text) { note(try dialogue.next(after: reply)) }
        return said
    }

    @Test func `a message is handed over under STARTTLS, and the password never before it`() throws {
        let replies = """
            220 mail\r\n250-mail\r\n250 STARTTLS\r\n220 go\r\n250-mail\r\n250 AUTH LOGIN PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r
            354 go\r\n250 taken\r\n
            """
        let said = try Self.said(to: replies, login: .init(user: "u", password: "p"), startTLS: true)
        #expect(
            said == [
                "EHLO example.com", "STARTTLS", "TLS", "EHLO example.com", "AUTH PLAIN AHUAcA==",
                "MAIL FROM:<broker@example.com>", "RCPT TO:<a@example.com>", "DATA", "MESSAGE", "DONE",
            ])
    }

    @Test(
        "What isn't as it should be ends it with a reason",
        arguments: [
            ("554 no\r\n", "its greeting with 554 no"), ("220 mail\r\n250 mail\r\n", "doesn't offer STARTTLS"),
            ("HTTP/1.1 400\r\n", "no mail server"),
            ("220 mail\r\n250-mail\r\n250 STARTTLS\r\n454 no\r\n", "STARTTLS with 454"),
            ("220 mail\r\n250-m\r\n250 STARTTLS\r\n220 go\r\n250 m\r\n", "doesn't offer AUTH PLAIN"),
        ])
    func failures(replies: String, reason: String) throws {
        let failure = try #require(throws: DeliveryFailure.self) {
            _ = try Self.said(to: replies, login: .init(user: "u", password: "p"), startTLS: true)
        }
        #expect(failure.reason.contains(reason))
    }

    @Test func `one unknown recipient keeps it from no other, none known ends it`() throws {
        let said = try Self.said(
            to: Self.start + "550 who\r\n250 ok\r\n354 go\r\n250 ok\r\n", recipients: Self.two)
        #expect(said.suffix(3) == ["MESSAGE", "DONE", "a@example.com refused: 550 who"])
        #expect(throws: DeliveryFailure("the mail server refuses the address: 550 who")) {
            _ = try Self.said(to: Self.start + "550 who\r\n")
        }
    }

    private static let start = "220 m\r\n250 m\r\n250 ok\r\n"
    private static let two = ["a@example.com", "b@example.com"]

    @Test(arguments: ["450 busy", "451 grey", "452 full", "421 closing"], ["250 ok\r\n", "550 who\r\n", ""])
    func `a recipient refused for the moment keeps it from all, for now`(reply: String, before: String) throws {
        let replies = Self.start + before + reply + "\r\n"
        #expect(throws: DeliveryFailure("the mail server refuses an address for the moment: \(reply)")) {
            _ = try Self.said(to: replies, recipients: Self.two)
        }
    }

    @Test func `one who is refused for the moment all the time keeps it from the others no longer`() throws {
        let replies = Self.start + "452 full\r\n250 ok\r\n354 go\r\n250 ok\r\n"
        let said = try Self.said(to: replies, recipients: Self.two, waitsForAll: false)
        #expect(said.suffix(3) == ["MESSAGE", "DONE", "a@example.com refused: 452 full"])
        #expect(throws: DeliveryFailure("the mail server refuses the address: 451 grey")) {
            _ = try Self.said(to: Self.start + "550 who\r\n451 grey\r\n", recipients: Self.two, waitsForAll: false)
        }
    }

    @Test func `a message that is sent once more has the same id`() throws {
        let text = String(decoding: try Self.message().transparentBytes, as: UTF8.self)
        #expect(text.contains("\r\nMessage-ID: <0123@example.com>\r\n"))
    }

    @Test func `a server's endless line is refused`() {
        #expect(throws: DeliveryFailure.self) { _ = try Self.replies(String(repeating: "2", count: 3000)) }
        #expect(throws: DeliveryFailure.self) { _ = try Self.replies(String(repeating: "250-x\r\n", count: 200)) }
    }

    @Test func `nothing that people wrote becomes a header or ends the message`() throws {
        let subject = "=?x\r\nBcc: everybody@example.com\r\n\r\n.\r\nÜ" + String(repeating: "é😀", count: 40)
        let text = String(
            decoding: try Self.message(subject: subject, lines: [".", "x"]).transparentBytes, as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.hasPrefix("Bcc") })
        #expect(lines.filter { $0 == "." }.count == 1)
        #expect(text.hasSuffix("\r\n.\r\n"))
        #expect(lines.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000"))
    }

    @Test(arguments: [
        ("a@mail.example.com", "mail.example.com"), ("a@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a@localhost", "[127.0.0.1]"), ("a@192.0.2.1", "[127.0.0.1]"), ("a@example.com.", "[127.0.0.1]"),
        ("a@-x.example.com", "[127.0.0.1]"), ("a@under_score.example.com", "[127.0.0.1]"),
        ("a@\(String(repeating: "b", count: 64)).example.com", "[127.0.0.1]"),
    ])
    func `a client greets by its sender's domain, or by an address where that is no full name`(
        sender: String, name: String
    ) throws {
        #expect(try #require(MailAddress(sender)).clientName == name)
    }

    @Test(arguments: [
        ("a@example.com", true), ("a.b+c@example.com", true), ("a", false), ("a@", false), ("@b", false),
        ("a@b@c", false),
        ("a b@example.com", false), ("<a@example.com>", false), ("a@example.com\r\nRCPT TO:<b@example.com>", false),
        ("\"a b\"@example.com", false), ("ä@example.com", false), ("a@\(String(repeating: "b", count: 254))", false),
    ])
    func `addresses are plain or none`(text: String, isPlain: Bool) {
        #expect((MailAddress(text) != nil) == isPlain)
    }
}
