import Credentials
import Foundation
import StrictYAML
import Testing

@testable import Broker

@Suite struct WebSectionTests {
    private func load(_ web: String, issuers: String = "") throws -> WebSettings? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("secret\n".utf8).write(to: folder.appending(path: "secret"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.appending(path: "secret").path)
        let text = ConfigurationTests.valid + issuers + "\nweb: {\(web)}\n"
        try Data(text.utf8).write(to: folder.appending(path: "server.yaml"))
        try Data(ConfigurationTests.policies.utf8).write(to: folder.appending(path: "policies.yaml"))
        return try LoadedConfiguration(path: folder.appending(path: "server.yaml").path, environment: [:]).web
    }

    @Test(arguments: [
        ("https://broker.example.com", "https://broker.example.com"),
        ("https://Broker.Example.com:443/", "https://broker.example.com"),
        ("https://broker.example.com:8443", "https://broker.example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://localhost:80", "http://localhost"),
    ])
    func `the address is what browsers call the broker`(url: String, origin: String) throws {
        let settings = try #require(try load("url: \"\(url)\", client_id: stsbroker"))
        #expect(settings.origin == origin)
        #expect(settings.redirectURI == origin + "/sign-in/callback")
        #expect(settings.issuer == "http://127.0.0.1:8080")
        #expect(settings.isSecure == origin.hasPrefix("https"))
        #expect(settings.clientSecret == nil && settings.sessionSeconds == 3600)
    }

    @Test func `the whole form is read, with a secret from a file`() throws {
        let settings = try #require(
            try load(
                """
                url: "https://b.example", issuer: "http://127.0.0.1:8080", client_id: stsbroker, client_secret_file: secret, \
                scopes: [openid, groups], session: 15m
                """))
        #expect(settings.clientSecret?.revealed() == "secret")
        #expect(settings.scopes == ["openid", "groups"] && settings.sessionSeconds == 900)
    }

    @Test(arguments: [
        (#"url: "http://broker.example", client_id: stsbroker"#, "loopback"),
        (#"url: "https://broker.example/path", client_id: stsbroker"#, "without a path"),
        (#"url: "https://broker.example?x", client_id: stsbroker"#, "without a path"),
        (#"url: "https://u:p@broker.example", client_id: stsbroker"#, "https"),
        (#"url: "https://b.example", client_id: """#, "client_id"), (#"url: "https://b.example""#, "client_id"),
        (#"url: "https://b.example", client_id: other"#, "audiences"),
        (#"url: "https://b.example", client_id: stsbroker, issuer: "https://x.example""#, "web.issuer"),
        (#"url: "https://b.example", client_id: stsbroker, scopes: [email]"#, "openid"),
        (#"url: "https://b.example", client_id: stsbroker, session: 13h"#, "5m to 12h"),
        (#"url: "https://b.example", client_id: stsbroker, client_secret_file: absent"#, "does not exist"),
        (#"url: "https://b.example", client_id: stsbroker, secret: x"#, "secret"),
    ])
    func `a mistake is refused, and named`(web: String, mention: String) throws {
        let error = #expect(throws: InvalidYAML.self) { try load(web) }
        #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
    }

    @Test func `of several issuers, one must be named`() throws {
        let other = "\n  - {issuer: \"https://idp.example\", audiences: [pages], claims: {user: sub, teams: groups}}"
        let address = #"url: "https://b.example", client_id: pages"#
        #expect(throws: InvalidYAML.self) { try load(address, issuers: other) }
        let settings = try load(address + #", issuer: "https://idp.example""#, issuers: other)
        #expect(settings?.issuer == "https://idp.example")
    }
}
