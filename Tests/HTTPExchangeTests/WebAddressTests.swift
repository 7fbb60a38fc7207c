import HTTPExchange
import Testing

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://a", "a", "/"), ("HTTP://A.example:8080/x/y?z=1&w#f", "A.example:8080", "/x/y?z=1&w"),
        ("https://[::1]:1/", "[::1]:1", "/"), ("https://a:/b", "a", "/b"), ("https://a?b", "a", "/?b"),
        ("https://a/%2F~!$&'()*+,;=:@", "a", "/%2F~!$&'()*+,;=:@"), ("https://u:p@a/", "a", "/"),
        ("https://a/b?c?d", "a", "/b?c?d"), ("https://127.0.0.1", "127.0.0.1", "/"),
    ])
    func `a URL says whom to call and what for`(text: String, authority: String, target: String) {
        let address = WebAddress(text)
        #expect(address?.authority == authority)
        #expect(address?.target == target)
    }

    @Test func `its parts are those of RFC 3986`() {
        let address = WebAddress("Ab+1://user@[fe80::1]:65535/p?q#f")
        #expect(address?.scheme == "ab+1")
        #expect(address?.hasUser == true)
        #expect(address?.host == "[fe80::1]")
        #expect(address?.port == 65_535)
        #expect(address?.path == "/p")
        #expect(address?.query == "q")
        #expect(address?.fragment == "f")
        #expect(WebAddress("//a/b")?.scheme == "")
        // Whatever is in front of the last @ is a user, never a host.
        #expect(WebAddress("http://localhost@evil.example/")?.host == "evil.example")
        #expect(WebAddress("http://a@b@c/")?.host == "c")
        #expect(WebAddress("http://a#@b/")?.host == "a")
        #expect(WebAddress("http://a?@b/")?.host == "a")
    }

    @Test(arguments: [
        "", "a", "/a", "https:", "https:a", "https:/a", "https://", "https:///a", "https://:1", "https://@", "1a://b",
        "ht tp://a", "https://a b", "https://a/ b", "https://a\n", "https://a/\u{7F}", "https://é", "https://a:0",
        "https://a:65536", "https://a:123456", "https://a:x", "https://a:-1", "https://a:1:2", "https://[::1",
        "https://[]",
        "https://[a]", "https://[::1]x", "https://[::g]", "https://a[b]", "https://a/[b]", "https://a\\b",
        "https://a/<b>",
        "https://a/\"", "https://a/`", "https://a/{b}", "https://a/b|c", "https://a/^", "://a",
    ])
    func `anything else is none`(text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test func `a long one is none`() {
        let start = "https://a/"
        let longest = start + String(repeating: "b", count: 2_048 - start.count)
        #expect(WebAddress(longest) != nil)
        #expect(WebAddress(longest + "b") == nil)
    }
}
