import FoundationEssentials
import HTTPExchange
import NIOCore
import NIOHTTP1
import NIOPosix
import OIDC
import Synchronization
import Testing

@Suite struct LoopbackRedirectTests {
    @Test("gives the code of the right redirect, past wrong ones, and answers each with a page")
    func givesCode() async throws {
        let redirect = try await LoopbackRedirect.listen()
        let request = Self.request(redirect)
        let state = try #require(URLComponents(string: request.url)?.queryItems?.first { $0.name == "state" }?.value)
        async let code = redirect.code(answering: request, within: .seconds(60))
        #expect(try await Self.visit(redirect.redirectURI + "?code=evil&state=wrong").status == 400)
        #expect(
            try await Self.visit(redirect.redirectURI.replacing("/callback", with: "/favicon.ico")).status == 404)
        #expect(try await Self.visit(redirect.redirectURI, method: .POST).status == 404)
        let page = try await Self.visit(redirect.redirectURI + "?code=good&state=\(state)")
        #expect(page.status == 200)
        #expect(page.headers["Cache-Control"] == ["no-store"])
        #expect(String(decoding: page.body, as: UTF8.self).contains("signed in"))
        let given = try await code
        #expect(given == "good")
        #expect(!redirect.isListening)
    }

    @Test("gives the provider's error")
    func givesError() async throws {
        let redirect = try await LoopbackRedirect.listen(path: "/done")
        let request = Self.request(redirect)
        let state = try #require(URLComponents(string: request.url)?.queryItems?.first { $0.name == "state" }?.value)
        async let code = redirect.code(answering: request, within: .seconds(60))
        #expect(
            try await Self.visit(redirect.redirectURI + "?error=access_denied&state=\(state)").status == 400)
        do {
            Issue.record("gave the code \(try await code)")
        } catch {
            #expect(error as? SignInError == .denied("access_denied"))
        }
    }

    @Test("a link is for those who are admitted only, whatever they know of its address")
    func strangerAtTheLink() async throws {
        let visits = Mutex(0)
        let redirect = try await LoopbackRedirect.listenForBrowser { _ in
            visits.withLock {
                $0 += 1
                return $0 > 1
            }
        }
        async let isFetched = redirect.forward(to: "https://console.example/secret", within: .seconds(60))
        let refused = try await Self.visit(redirect.redirectURI)
        #expect(refused.status == 404 && refused.headers["Location"].isEmpty)
        let answer = try await Self.visit(redirect.redirectURI)
        #expect(answer.status == 302 && answer.headers["Location"] == ["https://console.example/secret"])
        #expect(await isFetched)
        #expect(!redirect.isListening)
    }

    @Test("ends when nobody comes back")
    func timesOut() async throws {
        let redirect = try await LoopbackRedirect.listen()
        await #expect(throws: SignInError.timedOut) {
            try await redirect.code(answering: Self.request(redirect), within: .milliseconds(10))
        }
        #expect(!redirect.isListening)
    }

    @Test("Defect A11: listens on 127.0.0.1 and no other address")
    func listensOnLoopbackOnly() async throws {
        let redirect = try await LoopbackRedirect.listen()
        #expect(redirect.isListening)
        #expect(await Self.somebodyListens(at: redirect.redirectURI))
        // Another address of this machine, at which whatever listens on all of them is reached.
        #expect(await !Self.somebodyListens(at: redirect.redirectURI.replacing("127.0.0.1", with: "127.0.0.2")))
        await redirect.close()
    }

    @Test("says that a port is taken")
    func portTaken() async throws {
        let redirect = try await LoopbackRedirect.listen()
        let port = try #require(URLComponents(string: redirect.redirectURI)?.port)
        let error = await #expect(throws: SignInError.self) { try await LoopbackRedirect.listen(port: port) }
        guard case .cannotListen? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await redirect.close()
        await redirect.close()
    }

    private static func request(_ redirect: LoopbackRedirect) -> AuthorizationRequest {
        AuthorizationRequest(
            metadata: ProviderMetadata(
                issuer: "https://idp.example", authorizationEndpoint: "https://idp.example/a",
                tokenEndpoint: "https://idp.example/t", jwksURI: "https://idp.example/k"),
            clientID: "cli", redirectURI: redirect.redirectURI)
    }

    private static func somebodyListens(at url: String) async -> Bool {
        let (host, port) = (URLComponents(string: url)?.host ?? "", URLComponents(string: url)?.port ?? 0)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        guard let channel = try? await bootstrap.connect(host: host, port: port).get() else { return false }
        try? await channel.close()
        return true
    }

    private static func visit(_ url: String, method: HTTPMethod = .GET) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        return try await HTTPExchange(http: .shared, timeout: .seconds(60)).answer(to: request)
    }
}
