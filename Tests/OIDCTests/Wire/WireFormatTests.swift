import Credentials
import FoundationEssentials
import HTTPExchange
import TestSupport
import Testing

@testable import OIDC

@Suite struct WireFormatTests {
    @Test("base64url comes back as it was, and has one spelling", arguments: 0..<40)
    func base64URLRoundTrip(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let text = Base64URL.text(bytes)
        #expect(Base64URL.bytes(text.utf8) == bytes)
        #expect(Base64URL.bytes((text + "=").utf8) == nil)
        #expect(Base64URL.bytes((text + "\n").utf8) == nil)
    }

    @Test(
        "base64url with stray bits, blanks or the other alphabet is refused",
        arguments: ["AB", "AAB", "A", "A A", "+A", "/A", "QQ=="])
    func base64URLRefuses(text: String) {
        #expect(Base64URL.bytes(text.utf8) == nil)
    }

    @Test("form fields come back as they were")
    func formRoundTrip() throws {
        let fields = [(name: "a b", value: "1&2=3"), (name: "ü", value: "%+"), (name: "", value: "")]
        let read = try #require(FormEncoding.fields(FormEncoding.text(fields)))
        #expect(read.map(\.name) == fields.map(\.name))
        #expect(read.map(\.value) == fields.map(\.value))
    }

    @Test("broken escapes in a form are refused", arguments: ["a=%", "a=%1", "a=%zz", "a=%FF", "%=a"])
    func formRefuses(text: String) {
        #expect(FormEncoding.fields(text) == nil)
    }

    @Test("nesting is bounded before JSON is decoded, and brackets in texts don't count")
    func jsonDepth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(StrictJSON.decode(ClaimValue.self, from: Array(deep.utf8)) == nil)
        let text = "\"\(String(repeating: "[", count: 100))\\\"{{{\""
        #expect(StrictJSON.decode(ClaimValue.self, from: Array(text.utf8)) != nil)
    }

    @Test(
        "only https, and http to loopback, is fit for tokens",
        arguments: [
            ("https://a", true), ("https://a:1/b?c", true), ("http://127.0.0.1:1", true), ("http://localhost", true),
            ("http://[::1]:1", true), ("http://a", false), ("http://127.0.0.1.a", false), ("http://localhost.a", false),
            ("https://u:p@a", false), ("https://a#b", false), ("ftp://127.0.0.1", false), ("//a", false),
            ("https:a", false),
            ("https://a b", false), ("HTTPS://a", true), ("http://127.1", false), ("http://0127.0.0.1", false),
        ])
    func secureURLs(text: String, acceptable: Bool) {
        #expect(SecureURL.isAcceptable(text) == acceptable)
    }
}
