package import Credentials
import FoundationEssentials
package import HTTPExchange
import NIOCore
import NIOHTTP1

/// Makes links that sign a browser in to the AWS console with given credentials (IAM User Guide, "Enable custom identity broker
/// access to the AWS console").
package struct ConsoleSignIn: Sendable {
    private let exchange: HTTPExchange
    private let endpoint: String
    private let console: String
    private let issuer: String?

    /// - Parameters:
    ///   - endpoint: such as ``defaultEndpoint(region:)``; https, or http on loopback.
    ///   - console: where a link leads that names no destination, such as ``defaultConsole(region:)``; it is one by
    ///     ``isConsole(_:)``. All links lead to its host or one below it.
    ///   - issuer: the address to which the console sends people who have to sign in again; `nil` leaves that to AWS.
    package init(
        http: HTTPClient, endpoint: String, console: String, issuer: String? = nil, timeout: Duration = .seconds(5)
    ) {
        exchange = HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024)
        self.endpoint = endpoint
        self.console = console
        self.issuer = issuer
    }

    /// The link: good for 15 minutes, for whoever has it.
    ///
    /// - Parameters:
    ///   - seconds: how long the console stays signed in, 900...43200; `nil`, as AWS wants it of credentials that were had by
    ///     role chaining, for as long as the credentials are good.
    ///   - destination: a page of the console.
    package func link(
        for credentials: SessionCredentials, seconds: Int?, destination: String?
    ) async throws(ConsoleSignInFailure) -> Secret {
        if let destination, !accepts(destination: destination) { throw .foreignDestination }
        let token = try await signInToken(for: credentials, seconds: seconds)
        var query = [("Action", "login"), ("Destination", destination ?? console), ("SigninToken", token)]
        if let issuer { query.insert(("Issuer", issuer), at: 1) }
        return Secret(endpoint + "?" + query.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }.joined(separator: "&"))
    }

    /// Whether a link may lead there.
    package func accepts(destination: String) -> Bool { Self.isPage(destination, of: console) }

    /// Whether `address` can be a console's front page: https on a host's own port, without a user.
    package static func isConsole(_ address: String) -> Bool { isPage(address, of: address) }

    /// In the body, where no log of addresses shows it.
    private func signInToken(
        for credentials: SessionCredentials, seconds: Int?
    ) async throws(ConsoleSignInFailure) -> String {
        var fields = [("Action", "getSigninToken")]
        if let seconds { fields.append(("SessionDuration", String(seconds))) }
        fields.append(("Session", try Self.session(credentials)))
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8")
        let body = fields.map { "\($0.0)=\(PercentEncoding.encodedFormValue($0.1))" }.joined(separator: "&")
        request.body = .bytes(ByteBuffer(string: body))
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .unavailable(error.reason)
        }
        guard answer.status < 500 else { throw .unavailable("it answered with status \(answer.status)") }
        guard answer.status == 200, let token = answer.decoded(SignInToken.self)?.token, !token.isEmpty else {
            throw .refused(status: answer.status)
        }
        return token
    }

    private struct SignInToken: Decodable {
        let token: String

        enum CodingKeys: String, CodingKey {
            case token = "SigninToken"
        }
    }

    private static func session(_ credentials: SessionCredentials) throws(ConsoleSignInFailure) -> String {
        let fields = [
            "sessionId": credentials.accessKeyID, "sessionKey": credentials.secretAccessKey.revealed(),
            "sessionToken": credentials.sessionToken.revealed(),
        ]
        guard let data = try? JSONEncoder().encode(fields) else { throw .unavailable("the session can't be encoded") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether `destination` is https on the console's host or one below it: a link of ours leads nowhere else.
    static func isPage(_ destination: String, of console: String) -> Bool {
        guard destination.utf8.count <= 2048, destination.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let url = URLComponents(string: destination), url.scheme == "https", url.user == nil, url.port == nil,
            let host = url.percentEncodedHost?.lowercased(), !host.contains("%"),
            let own = URLComponents(string: console)?.host?.lowercased(), !own.isEmpty
        else { return false }
        return host == own || host.hasSuffix("." + own)
    }
}

extension ConsoleSignIn {
    /// The sign-in endpoint of the region's partition (AWS General Reference, "AWS Sign-In endpoints").
    package static func defaultEndpoint(region: String) -> String {
        switch partition(of: region) {
        case .china: "https://signin.amazonaws.cn/federation"
        case .government: "https://signin.amazonaws-us-gov.com/federation"
        case .commercial: "https://signin.aws.amazon.com/federation"
        }
    }

    /// The console's front page in the region's partition.
    package static func defaultConsole(region: String) -> String {
        switch partition(of: region) {
        case .china: "https://console.amazonaws.cn/"
        case .government: "https://console.amazonaws-us-gov.com/"
        case .commercial: "https://console.aws.amazon.com/"
        }
    }

    private enum Partition { case commercial, government, china }

    private static func partition(of region: String) -> Partition {
        if region.hasPrefix("cn-") { return .china }
        return region.hasPrefix("us-gov-") ? .government : .commercial
    }
}

/// Why there is no link.
package enum ConsoleSignInFailure: Error, Equatable, Sendable {
    /// The destination isn't a page of the console.
    case foreignDestination
    /// AWS doesn't take these credentials, or not for so long.
    case refused(status: Int)
    /// AWS says not now, or nothing.
    case unavailable(String)
}
