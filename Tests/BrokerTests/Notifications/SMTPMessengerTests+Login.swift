import TestSupport
import Testing

@testable import Broker

/// Servers that offer one way to log in or another, and how the client takes their answers.
extension SMTPMessengerTests {
    private static let password = "mail-secret"
    /// That of a zero, "ann", a zero and the password: of other letters than the password's own, as it begins within three bytes.
    private static let plain = "AUTH PLAIN AGFubgBtYWlsLXNlY3JldA=="
    /// What the client says until a server knows user and password, by LOGIN.
    private static let loggingIn = ["AUTH LOGIN", "YW5u", "bWFpbC1zZWNyZXQ="]
    private static let inClear = ["EHLO example.com", "STARTTLS"]
    private static let greeting = "(tls) EHLO example.com"

    /// - Parameters:
    ///   - extensions: lines of the answer to EHLO, with "250-" between them.
    ///   - prompts: for the user, and for the password.
    ///   - verdict: once the server knows both.
    private static func running(
        offering extensions: String, prompts: [String] = ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
        verdict: String = "235 ok", _ body: (ScriptedMailServer, SMTPMessenger) async throws -> Void
    ) async throws {
        let answers = [
            "EHLO example.com": "250-mail\r\n250-STARTTLS\r\n250-\(extensions)\r\n250 8BITMIME", plain: verdict,
            loggingIn[0]: prompts[0], loggingIn[1]: prompts[1], loggingIn[2]: verdict,
        ]
        try await ScriptedMailServer.running(
            tls: try certificate(),
            { line in
                if let answer = answers[line] { return .answer("\(answer)\r\n") }
                return ScriptedMailServer.obliging(line)
            }
        ) { server in
            try await body(server, try messenger(to: server, .startTLS, user: "ann", password: password))
        }
    }

    /// All that the client says to a server that it fails at, which ends with its farewell.
    private static func lines(of server: ScriptedMailServer) async throws -> [String] {
        try await awaited("its farewell") { server.lines.last == "(tls) QUIT" }
        return server.lines
    }

    @Test(
        arguments: ["AUTH LOGIN XOAUTH2", "auth login", "AUTH=LOGIN", "AUTH XOAUTH2\r\n250-AUTH=LOGIN"],
        [
            ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"], ["334 VXNlciBOYW1lAA==", "334 UGFzc3dvcmQA"],
            ["334 UGFzc3dvcmQ6", "334 VXNlcm5hbWU6"], ["334 ", "334"], ["334-who\r\n334 are you?", "334 prove it"],
        ])
    func `a server that offers LOGIN and no PLAIN is told user and password, however it asks`(
        extensions: String, prompts: [String]
    ) async throws {
        try await Self.running(offering: extensions, prompts: prompts) { server, messenger in
            try await Self.send(messenger)
            let mail = ["MAIL FROM:<broker@example.com>", "RCPT TO:<a@example.com>", "DATA", "."]
            let secretly = (Self.loggingIn + mail).map { "(tls) \($0)" }
            #expect(Array(server.lines.prefix(10)) == Self.inClear + [Self.greeting] + secretly)
        }
    }

    @Test(
        arguments: [
            "AUTH PLAIN LOGIN", "AUTH LOGIN PLAIN", "AUTH=LOGIN PLAIN", "AUTH=LOGIN\r\n250-AUTH PLAIN",
            "AUTH LOGIN\r\n250-AUTH=PLAIN",
        ])
    func `a server that offers both is told by PLAIN`(extensions: String) async throws {
        try await Self.running(offering: extensions) { server, messenger in
            try await Self.send(messenger)
            #expect(
                Array(server.lines.prefix(5))
                    == Self.inClear + [Self.greeting, "(tls) \(Self.plain)", "(tls) MAIL FROM:<broker@example.com>"])
        }
    }

    @Test(arguments: [
        ("AUTH XOAUTH2 CRAM-MD5", "only XOAUTH2 CRAM-MD5"), ("AUTH NTLM\r\n250-AUTH=NTLM x\u{1B}", "only NTLM X "),
        ("AUTH PLAINTEXT LOGINS", "only PLAINTEXT LOGINS"), ("AUTH", "nor any other"), ("LOGIN PLAIN", "nor any other"),
    ])
    func `a server that offers neither gets neither password nor mail, and the failure says what it offers`(
        extensions: String, offered: String
    ) async throws {
        try await Self.running(offering: extensions) { server, messenger in
            await #expect(throws: DeliveryFailure("the mail server doesn't offer AUTH PLAIN or LOGIN, \(offered)")) {
                try await Self.send(messenger)
            }
            let lines = try await Self.lines(of: server)
            #expect(lines == Self.inClear + [Self.greeting, "(tls) QUIT"])
        }
    }

    @Test(arguments: ["AUTH PLAIN", "AUTH LOGIN"])
    func `a wrong password is told in the server's words, in whichever way it was sent`(
        extensions: String
    ) async throws {
        let verdict = "535 5.7.3 Authentication unsuccessful"
        try await Self.running(offering: extensions, verdict: verdict) { server, messenger in
            await #expect(throws: DeliveryFailure("the mail server answers AUTH with \(verdict)")) {
                try await Self.send(messenger)
            }
            let said = extensions == "AUTH PLAIN" ? [Self.plain] : Self.loggingIn
            let secretly = (said + ["QUIT"]).map { "(tls) \($0)" }
            let lines = try await Self.lines(of: server)
            #expect(lines == Self.inClear + [Self.greeting] + secretly)
        }
    }

    @Test(arguments: [
        (["504 5.5.4 no", "334 "], 1, "504 5.5.4 no"), (["334 ", "535 who"], 2, "535 who"),
        (["235 ok", "334 "], 1, "235 ok"),
        (["334 ", "235 ok"], 2, "235 ok"),
    ])
    func `a server that doesn't ask for the password isn't told it`(
        prompts: [String], answers: Int, last: String
    ) async throws {
        try await Self.running(offering: "AUTH LOGIN", prompts: prompts) { server, messenger in
            await #expect(throws: DeliveryFailure("the mail server answers AUTH with \(last)")) {
                try await Self.send(messenger)
            }
            let secretly = (Array(Self.loggingIn.prefix(answers)) + ["QUIT"]).map { "(tls) \($0)" }
            let lines = try await Self.lines(of: server)
            #expect(lines == Self.inClear + [Self.greeting] + secretly)
        }
    }

    @Test(
        arguments: ["AUTH PLAIN", "AUTH LOGIN"],
        [
            "500 what is AUTH PLAIN AGFubgBtYWlsLXNlY3JldA==?", "500 auth plain agfubgbtywlslxnly3jlda",
            "500 too long: AUTH PLAIN AGFubgBtYWlsLX", "500 no command bWFpbC1zZWNyZXQ=", "500 no command bWFpbC1z",
            "500 mail-secret is wrong", "500 mail-secret\u{301}", "500-no\r\n500 Mail-Secret",
        ])
    func `what a server repeats of the password is in no failure`(extensions: String, verdict: String) async throws {
        try await Self.running(offering: extensions, verdict: verdict) { _, messenger in
            await #expect(throws: DeliveryFailure("the mail server answers AUTH with 500 (it repeats a secret)")) {
                try await Self.send(messenger)
            }
        }
    }
}
