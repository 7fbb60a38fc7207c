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
        ("eu-west-1", "https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com/"),
        ("us-gov-west-1", "https://signin.amazonaws-us-gov.com/federation", "https://console.amazonaws-us-gov.com/"),
        ("cn-north-1", "https://signin.amazonaws.cn/federation", "https://console.amazonaws.cn/"),
    ])
    func `each partition has its own`(region: String, endpoint: String, console: String) {
        #expect(ConsoleSignIn.defaultEndpoint(region: region) == endpoint)
        #expect(ConsoleSignIn.defaultConsole(region: region) == console)
    }
}
