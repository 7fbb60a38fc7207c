import Credentials
import FoundationEssentials
import HTTPExchange
import TestSupport
import Testing

@testable import AWSAPI

@Suite struct ConsoleSignInTests {
    @Test(arguments: [
        ("https://console.aws.amazon.com/", true),
        ("https://eu-west-1.console.aws.amazon.com/s3/home?region=x#y", true),
        ("http://console.aws.amazon.com/", false), ("https://console.aws.amazon.com.example/", false),
        ("https://evilconsole.aws.amazon.com/", false), ("https://console.aws.amazon.com@example.com/", false),
        // Whoever decodes the escape may take another host for it.
        ("https://example.com%5C.console.aws.amazon.com/", false),
        ("https://example.com%2F.console.aws.amazon.com/", false),
        ("https://console.aws.amazon.com:444/", false), ("javascript:alert(1)", false), ("/s3/home", false),
        ("", false),
        ("https://console.aws.amazon.com/\r\nLocation:x", false),
    ])
    func `a destination is a page of the console`(destination: String, isPage: Bool) {
        #expect(ConsoleSignIn.isPage(destination, of: "https://console.aws.amazon.com/") == isPage)
    }

    @Test(arguments: [
        ("https://console.aws.example/", true), ("https://Console.AWS.example/console/home?region=x", true),
        ("http://console.aws.example/", false), ("https://console.aws.example:8443/", false),
        ("https://u@console.aws.example/", false), ("https:///", false), ("console.aws.example", false), ("", false),
    ])
    func `a console is https on a host's own port, and its own page`(address: String, isConsole: Bool) {
        #expect(ConsoleSignIn.isConsole(address) == isConsole)
    }

    @Test(
        arguments: [
            (nil, ""),
            ("https://broker.example:8443/a?b", "&Issuer=https%3A%2F%2Fbroker.example%3A8443%2Fa%3Fb"),
        ] as [(String?, String)])
    func `a link says where it comes from, if that is known, and leads to the console of this partition`(
        issuer: String?, parameter: String
    ) async throws {
        let expiration = Date(timeIntervalSince1970: 1_800_000_000)
        let credentials = SessionCredentials(
            accessKeyID: "ASIAEXAMPLE", secretAccessKey: Secret("s"), sessionToken: Secret("t"),
            expiration: expiration, issuedAt: expiration - 3600,
            roleARN: try RoleARN("arn:aws:iam::111122223333:role/Reader"))
        try await ScriptedServer.running({ _ in .text(#"{"SigninToken":"a+b"}"#) }) { server in
            let signIn = ConsoleSignIn(
                http: .shared, endpoint: server.url + "/federation", console: "https://Console.AWS.example/",
                issuer: issuer, timeout: .seconds(60))
            let login = "\(server.url)/federation?Action=login\(parameter)&Destination="
            let front = try await signIn.link(for: credentials, seconds: 900, destination: nil).revealed()
            #expect(front == login + "https%3A%2F%2FConsole.AWS.example%2F&SigninToken=a%2Bb")
            let page = try await signIn.link(
                for: credentials, seconds: 900, destination: "https://eu.console.aws.example/s3"
            ).revealed()
            #expect(page == login + "https%3A%2F%2Feu.console.aws.example%2Fs3&SigninToken=a%2Bb")
            await #expect(throws: ConsoleSignInFailure.foreignDestination) {
                try await signIn.link(for: credentials, seconds: 900, destination: "https://console.aws.amazon.com/")
            }
        }
    }

    @Test(arguments: [
        ("eu-west-1", "https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com/"),
        ("us-gov-west-1", "https://signin.amazonaws-us-gov.com/federation", "https://console.amazonaws-us-gov.com/"),
        ("cn-north-1", "https://signin.amazonaws.cn/federation", "https://console.amazonaws.cn/"),
    ])
    func `each partition has its own`(region: String, endpoint: String, console: String) {
        #expect(ConsoleSignIn.defaultEndpoint(region: region) == endpoint)
        #expect(ConsoleSignIn.defaultConsole(region: region) == console)
    }
}
