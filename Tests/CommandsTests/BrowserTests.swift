import HTTPExchange
import NIOHTTP1
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct BrowserTests {
    private static let link = "https://signin.aws.example/federation?SigninToken=secret"

    private static func visit(_ address: String) async throws -> HTTPAnswer {
        try await HTTPExchange(http: .shared, timeout: .seconds(30)).answer(to: HTTPClientRequest(url: address))
    }

    @Test func `a link that is a secret reaches the browser, once, and is in no argument`() async throws {
        let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
        async let isOpened = Browser.openSecret(Self.link) { address in
            continuation.yield(address)
            return true
        }
        let address = try #require(await addresses.first { _ in true })
        #expect(address.hasPrefix("http://127.0.0.1:") && !address.contains("secret"))
        #expect(address.split(separator: "/").last?.utf8.count == 43)
        #expect(try await Self.visit(address + "x").status == 404)
        let answer = try await Self.visit(address)
        #expect(answer.status == 302)
        #expect(answer.headers["Location"] == [Self.link])
        #expect(answer.headers["Referrer-Policy"] == ["no-referrer"])
        #expect(answer.headers["Cache-Control"] == ["no-store"])
        #expect(await isOpened)
        await #expect(throws: (any Error).self) { try await Self.visit(address) }
    }

    @Test func `whoever has no browser, or one that never comes, is told so`() async {
        #expect(await !Browser.openSecret(Self.link) { _ in false })
        #expect(await !Browser.openSecret(Self.link, within: .milliseconds(20)) { _ in true })
    }
}
