import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import MetadataServer

/// Generated garbage at the HTTP entry point.
@Suite("HTTP entry point, fuzzed")
struct HTTPFuzzTests {
    @Test(
        "Garbage neither traps nor gets an answer that is malformed or has a secret in it",
        arguments: ListenerFace.allCases)
    func garbage(face: ListenerFace) {
        FuzzRounds.repeated(1500) { generator in
            let caller = [Fixture.caller(1000), Fixture.caller(4242), .failure(.noSuchSocket)].randomElement(
                using: &generator)
            let connection = TestConnection(face: face, caller: caller ?? .failure(.noUser))
            var sent = ""
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let text = Garbage.request(using: &generator)
                sent += text
                feed(text, to: connection, using: &generator)
            }
            connection.advance(by: .seconds(20))
            let received = connection.received()
            for leak in [Fixture.secret, Fixture.sessionToken] where received.contains(leak) {
                Issue.record("a secret came out after: \(sent.debugDescription)")
            }
            do { _ = try WireResponse.all(in: received) } catch {
                Issue.record("\(error) after: \(sent.debugDescription), in: \(received.debugDescription)")
            }
            connection.close()
        }
    }

    @Test("Mutations of good requests get well-formed answers, and secrets only to the rightful caller")
    func mutations() {
        FuzzRounds.repeated(1500) { generator in
            let isRightful = Bool.random(using: &generator)
            let connection = TestConnection(caller: Fixture.caller(isRightful ? 1000 : 1001))
            var bytes = Array((connection.get("/role/developer") + connection.get("/")).utf8)
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            connection.send(bytes)
            connection.advance(by: .seconds(20))
            let received = connection.received()
            do { _ = try WireResponse.all(in: received) } catch { Issue.record("\(error) after: \(bytes)") }
            #expect(isRightful || !received.contains(Fixture.secret))
            connection.close()
        }
    }

    @Test("Paths of all kinds neither trap nor lead to what the caller may not have")
    func paths() throws {
        let fixture = Fixture()
        fixture.source.set(.usable(Fixture.prepared(secret: "not yours")), for: "developer", user: 1001)
        try FuzzRounds.repeated(1500) { generator in
            let target = "/" + Garbage.path(using: &generator)
            let token = [("Authorization", fixture.tokens.token(forUser: 1000).revealed())]
            for listener in [
                Fixture.listener(.containerCredentials), Fixture.listener(.instanceMetadata, allowsIMDSv1: true),
            ] {
                let response = try fixture.ask(.GET, target, token, at: listener, isFinal: true).response()
                #expect(!response.bodyText.isEmpty)
                #expect(!response.bodyText.contains("not yours"))
            }
        }
    }

    /// In pieces, as a network delivers.
    private func feed(_ text: String, to connection: TestConnection, using generator: inout SeededGenerator) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, rest.count), using: &generator))
            connection.send(piece)
            rest = rest.dropFirst(piece.count)
        }
    }
}

/// Texts that are nearly, or not at all, HTTP.
enum Garbage {
    static func request(using generator: inout SeededGenerator) -> String {
        guard Int.random(in: 0..<8, using: &generator) > 0 else { return noise(300, using: &generator) }
        let method = pick(
            ["GET", "PUT", "HEAD", "POST", "OPTIONS", "CONNECT", "get", "", "G\0T", "PRI"], using: &generator)
        let version = pick(
            ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.9", "HTTP/", ""], using: &generator)
        var text = "\(method) /\(path(using: &generator)) \(version)\(lineEnd(using: &generator))"
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            text += field(using: &generator) + lineEnd(using: &generator)
        }
        return text + lineEnd(using: &generator)
            + pick(["", "", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffffff\r\n", "x"], using: &generator)
    }

    static func path(using generator: inout SeededGenerator) -> String {
        let words = [
            "latest", "meta-data", "iam", "security-credentials", "security-credentials-extended", "developer",
            "auditor", "role", "role-arn",
            "v1", "credentials", "api", "token", "dynamic", "2009-04-04", "1.0", "..", ".", "%2e%2e", "%2f", "%", "%0",
            "%00", "%ff", "?", "#", "",
            "é", "arn:aws:iam::123456789012:role", "team", "instance-id", "placement", "region",
        ]
        let count = Int.random(in: 0...7, using: &generator)
        return (0..<count).map { _ in pick(words, using: &generator) }.joined(
            separator: pick(["/", "/", "//", ""], using: &generator))
    }

    private static func field(using generator: inout SeededGenerator) -> String {
        let name = pick(
            [
                "Host", "Host", "Content-Length", "Transfer-Encoding", "Connection", "Authorization", "X-Forwarded-For",
                "Origin", "Upgrade",
                "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds", "Expect", "", " ", "A\0B",
                "Sec-Fetch-Site",
            ], using: &generator)
        let value = pick(
            [
                "127.0.0.1:8080", "127.0.0.1", "localhost", "chunked", "0", "5", "-1", "99999999999999999999",
                "keep-alive", "close", "upgrade",
                "60", "21600", "websocket", "100-continue", "", noise(60, using: &generator),
                String(repeating: "a", count: 9000),
            ], using: &generator)
        return name + pick([": ", ":", " : ", ""], using: &generator) + value
    }

    private static func lineEnd(using generator: inout SeededGenerator) -> String {
        pick(["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", ""], using: &generator)
    }

    private static func noise(_ longest: Int, using generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...longest, using: &generator)
        return String(decoding: (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }, as: UTF8.self)
    }

    private static func pick<Value>(_ values: [Value], using generator: inout SeededGenerator) -> Value {
        values[Int.random(in: values.indices, using: &generator)]
    }
}
