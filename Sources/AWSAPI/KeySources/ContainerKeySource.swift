import Credentials
package import HTTPExchange
import NIOHTTP1

/// The credentials that ECS, EKS or another container endpoint serves, as the environment says.
package struct ContainerKeySource: AWSKeySource {
    package let name = "container"
    /// A projected service-account token of Kubernetes has a few KiB.
    private static let longestToken = 64 * 1024

    private let environment: [String: String]
    private let exchange: HTTPExchange

    /// - Parameter timeout: for the one call.
    package init(_ environment: [String: String], http: HTTPClient, timeout: Duration = .seconds(2)) {
        self.environment = environment
        exchange = HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024)
    }

    package func key() async throws(AWSError) -> OwnKey? {
        guard let endpoint = try ContainerEndpoint(environment) else { return nil }
        var request = HTTPClientRequest(url: endpoint.url)
        request.headers.add(name: "Accept", value: "application/json")
        if let token = try authorization() { request.headers.add(name: "Authorization", value: token.revealed()) }
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .keysUnavailable("the container endpoint gave nothing: \(error.reason)")
        }
        return try ServedKey.key(in: answer, of: "the container endpoint")
    }

    /// The file wins, and is read anew each time, because its token is replaced now and then.
    private func authorization() throws(AWSError) -> Secret? {
        let (file, variable) = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = environment[file], !path.isEmpty {
            guard let bytes = BoundedFile.contents(path, longest: Self.longestToken) else {
                throw .keysUnavailable("the file that \(file) names can't be read")
            }
            return try Self.checked(String(decoding: bytes, as: UTF8.self), from: "the file that \(file) names")
        }
        guard let token = environment[variable], !token.isEmpty else { return nil }
        return try Self.checked(token, from: variable)
    }

    /// A line end would let the token write header lines of its own.
    private static func checked(_ token: String, from source: String) throws(AWSError) -> Secret {
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .misconfigured("\(source) must hold one line of visible ASCII, without a line end")
        }
        return Secret(token)
    }
}
