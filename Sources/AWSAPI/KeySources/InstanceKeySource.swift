import Credentials
import FoundationEssentials
package import HTTPExchange
import NIOHTTP1

/// The role of the EC2 instance, from its metadata service in version 2 only: a session token first, then the role's name, then
/// its credentials. Version 1, which any forged request can use, is never fallen back to.
package struct InstanceKeySource: AWSKeySource {
    package let name = "instance"
    /// Seconds: the longest that the service takes.
    private static let tokenLifetime = "21600"

    private let environment: [String: String]
    private let exchange: HTTPExchange

    /// - Parameter timeout: for each of the three calls. Where there is no such service, often nothing answers at all.
    package init(_ environment: [String: String], http: HTTPClient, timeout: Duration = .seconds(1)) {
        self.environment = environment
        exchange = HTTPExchange(http: http, timeout: timeout, maximumAnswerBytes: 64 * 1024)
    }

    package func key() async throws(AWSError) -> OwnKey? {
        if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
        let base = try endpoint() + "/latest"
        let session = try await text(
            "PUT", base + "/api/token", header: ("X-aws-ec2-metadata-token-ttl-seconds", Self.tokenLifetime))
        let header = ("X-aws-ec2-metadata-token", session)
        let directory = base + "/meta-data/iam/security-credentials/"
        let role = try await text("GET", directory, header: header).prefix { $0 != "\n" }
        guard !role.isEmpty else { throw .keysUnavailable("the instance has no role") }
        let answer = try await answer("GET", directory + PercentEncoding.encoded(String(role)), header: header)
        return try ServedKey.key(in: answer, of: "the instance metadata service")
    }

    /// Without a slash at its end.
    private func endpoint() throws(AWSError) -> String {
        if let given = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"], !given.isEmpty {
            guard given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let url = URLComponents(string: given),
                url.scheme == "http" || url.scheme == "https", url.host?.isEmpty == false, url.query == nil
            else { throw .misconfigured("AWS_EC2_METADATA_SERVICE_ENDPOINT must be a URL") }
            return given.hasSuffix("/") ? String(given.dropLast()) : given
        }
        let isSix = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        return isSix ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }

    /// A short text that may stand in a header.
    private func text(
        _ method: String, _ url: String, header: (String, String)
    ) async throws(AWSError) -> String {
        let answer = try await answer(method, url, header: header)
        guard answer.status == 200 else {
            let what = method == "PUT" ? "for a session token" : "for its role"
            throw .keysUnavailable(
                "the instance metadata service, asked \(what), answered with status \(answer.status)")
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\n") }) else {
            throw .keysUnavailable("the instance metadata service answered with what is no text")
        }
        return method == "PUT" ? text.replacing("\n", with: "") : text
    }

    private func answer(
        _ method: String, _ url: String, header: (String, String)
    ) async throws(AWSError) -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method == "PUT" ? .PUT : .GET
        request.headers.add(name: header.0, value: header.1)
        do throws(HTTPExchangeFailure) {
            return try await exchange.answer(to: request)
        } catch {
            throw .keysUnavailable("the instance metadata service gave nothing: \(error.reason)")
        }
    }
}
