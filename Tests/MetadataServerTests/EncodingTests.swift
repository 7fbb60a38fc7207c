import Credentials
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

@Suite("HTTPDate")
struct HTTPDateTests {
    private func text(_ seconds: TimeInterval) -> String {
        var buffer = ByteBuffer()
        HTTPDate.write(Date(timeIntervalSince1970: seconds), into: &buffer)
        return String(buffer: buffer)
    }

    @Test(
        "Dates are written as RFC 9110 wants them",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (.nan, "Thu, 01 Jan 1970 00:00:00 GMT"), (.infinity, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(TimeInterval, String)])
    func known(seconds: TimeInterval, expected: String) {
        #expect(text(seconds) == expected)
    }

    @Test("Generated dates agree with FoundationEssentials' calendar")
    func generated() throws {
        var generator = SeededGenerator(seed: 1)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        for _ in 0..<2000 {
            let seconds = TimeInterval(Int.random(in: 0...253_402_300_799, using: &generator))
            let iso = Array(Date(timeIntervalSince1970: seconds).formatted(.iso8601))
            let month = months[try #require(Int(String(iso[5...6]))) - 1]
            #expect(
                text(seconds).dropFirst(5)
                    == "\(String(iso[8...9])) \(month) \(String(iso[0...3])) \(String(iso[11...18])) GMT")
        }
    }
}

@Suite("Base64URL")
struct Base64URLTests {
    @Test("It agrees with the standard encoding, and back")
    func roundTrip() {
        var generator = SeededGenerator(seed: 2)
        for count in 0..<80 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
            let text = Base64URL.text(bytes)
            let standard = Data(bytes).base64EncodedString()
            let expected = standard.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" }
            #expect(text == String(expected))
            #expect(Base64URL.standardText(bytes) == standard)
            #expect(Base64URL.withBytes(of: text, count: count) { Array($0) } == bytes)
        }
    }

    @Test(
        "Only the one canonical text of the wanted length is taken",
        arguments: ["", "A", "AA==", "AB", "AAA", "A=", "A ", "A+", "é"])
    func refused(text: String) {
        #expect(Base64URL.withBytes(of: text, count: 1) { Array($0) } == nil)
    }
}

@Suite("PreparedCredentials")
struct PreparedCredentialsTests {
    @Test("Whatever bytes a secret has, the body is JSON that says them")
    func escaping() throws {
        let secret = "\"\\/\n\r\t\u{0}\u{1F}\u{7F}é漢😀\u{2028}</script>"
        let prepared = Fixture.prepared(secret: secret)
        for body in [prepared.instanceBody, prepared.extendedInstanceBody, prepared.containerBody] {
            let members = try JSONDecoder().decode([String: String].self, from: Data(body.revealed().utf8))
            #expect(members["SecretAccessKey"] == secret)
        }
    }

    @Test("Dates are whole seconds with a Z, as botocore parses them")
    func dates() throws {
        let prepared = PreparedCredentials(Fixture.credentials(expiresIn: 10.75), lastUpdated: Fixture.now + 0.5)
        let members = try JSONDecoder().decode(
            [String: String].self, from: Data(prepared.containerBody.revealed().utf8))
        #expect(members["Expiration"] == "2026-01-01T00:00:10Z")
        #expect(members["LastUpdated"] == "2026-01-01T00:00:00Z")
    }

    @Test("It cannot be printed")
    func unprintable() {
        var text = ""
        dump(Fixture.prepared(), to: &text)
        #expect(!(text + String(describing: Fixture.prepared())).contains(Fixture.secret))
    }
}
