import Broker
import Credentials
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import OIDC
import Synchronization
import Testing

@testable import Broker

/// A browser without scripts: keeps cookies, follows redirects within the broker, sends the forms of a page.
final class TestBrowser: Sendable {
    let broker: BrokerUnderTest
    /// The connection that requests go over, and the address that a proxy there says they come from.
    private let connection: (client: any TestClientProtocol, address: String)?
    private let cookies = Mutex<[String: String]>([:])

    init(_ broker: BrokerUnderTest) {
        self.broker = broker
        connection = nil
    }

    init(_ broker: BrokerUnderTest, over client: any TestClientProtocol, from address: String) {
        self.broker = broker
        connection = (client: client, address: address)
    }

    var jar: [String: String] {
        get { cookies.withLock { $0 } }
        set { cookies.withLock { $0 = newValue } }
    }

    /// Signed in as whoever that token stands for.
    static func signedIn(_ broker: BrokerUnderTest, as token: String) async throws -> TestBrowser {
        let browser = TestBrowser(broker)
        try await browser.signIn(as: token)
        return browser
    }

    /// Begins at the broker, and comes back from the stand-in of the identity provider.
    @discardableResult
    func signIn(as token: String, wanting request: String = "") async throws -> Answer {
        let start = try await send(.get, "/sign-in/start\(request)")
        #expect(start.status == 303 && start.headers[.location] == FakeProvider.address, "\(start)")
        return try await send(.get, "/sign-in/callback?code=\(token)&state=x")
    }

    /// One request, with the cookies that a browser would send along.
    func send(
        _ method: HTTPRequest.Method, _ path: String, form: [(String, String)]? = nil,
        origin: String? = FakeProvider.origin,
        site: String? = "same-origin", destination: String = "document"
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let name = HTTPField.Name("Sec-Fetch-Dest") { headers[name] = destination }
        let sent = jar.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")
        if !sent.isEmpty { headers[.cookie] = sent }
        if let form {
            headers[.contentType] = "application/x-www-form-urlencoded"
            headers[.origin] = origin
            if let name = HTTPField.Name("Sec-Fetch-Site") { headers[name] = site }
            let body = FormEncoding.text(form.map { (name: $0.0, value: $0.1) })
            return keep(try await answer(method, path, headers, Array(body.utf8)))
        }
        return keep(try await answer(method, path, headers, nil))
    }

    private func answer(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields, _ body: [UInt8]?
    ) async throws -> Answer {
        guard let connection else { return try await broker.send(method, path, headers: headers, body: body) }
        var headers = headers
        if let name = HTTPField.Name("X-Forwarded-For") { headers[name] = connection.address }
        let response = try await connection.client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) })
        return Answer(
            status: response.status.code, headers: response.headers, body: String(buffer: response.body))
    }

    private func keep(_ answer: Answer) -> Answer {
        for text in answer.headers[values: .setCookie] {
            let pair = text.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            cookies.withLock { $0[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1]) }
        }
        return answer
    }
}

extension Answer {
    /// The hidden fields of the page's form that is sent to `action`.
    func hiddenFields(of action: String) -> [(String, String)] {
        guard let start = body.range(of: "action=\"\(action)\""),
            let end = body.range(of: "</form>", range: start.upperBound..<body.endIndex)
        else { return [] }
        let form = String(body[start.upperBound..<end.lowerBound])
        return form.matches(of: #/type="hidden" name="([^"]*)" value="([^"]*)"/#).map { (String($0.1), String($0.2)) }
    }
}

/// Signs in whoever the code says.
struct FakeProvider: BrowserSigningIn {
    static let origin = "https://broker.example"
    static let address = "https://idp.example/authorize"
    static let settings = WebSettings(origin: origin, issuer: FakeTokens.issuer, clientID: "pages")

    /// Codes that sign nobody in.
    private static let failures: [String: SignInError] = [
        "down": .unavailable("connection refused"), "cancelled": .denied("access_denied"), "stray": .stateMismatch,
        "spent": .signInRequired, "foreign": .foreignAnswer("the ID token's nonce is not this sign-in's"),
        "garbled": .invalidAnswer("it is not JSON"), "unregistered": .refused("invalid_client"),
    ]

    let clock: SettableClock

    func address(for secrets: AuthorizationSecrets) async throws(SignInError) -> String { Self.address }

    func identity(
        answering secrets: AuthorizationSecrets, redirect target: String
    ) async throws(SignInError) -> BrowserIdentity {
        guard let code = target.split(separator: "code=").last?.split(separator: "&").first else {
            throw .invalidAnswer("the redirect has no code, or more than one")
        }
        if let failure = Self.failures[String(code)] { throw failure }
        return BrowserIdentity(idToken: Secret(String(code)), expiration: clock.now.addingTimeInterval(1800))
    }
}
