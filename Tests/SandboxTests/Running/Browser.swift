import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A scripted HTTP client that follows no redirects.
enum Browser {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: String

        /// A field of a JSON object, as text.
        func text(_ name: String) -> String? {
            guard let object = try? JSONDecoder().decode([String: JSONScalar].self, from: Data(body.utf8)) else {
                return nil
            }
            return object[name]?.text
        }

        /// The parameters of the redirect address.
        var redirected: [String: String] {
            guard let location = headers.first(name: "location"), let mark = location.firstIndex(of: "?") else {
                return [:]
            }
            var result: [String: String] = [:]
            for pair in location[location.index(after: mark)...].split(separator: "&") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                result[String(sides[0])] = sides.count > 1 ? String(sides[1]).removingPercentEncoding ?? "" : ""
            }
            return result
        }
    }

    static func get(_ url: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send(.GET, url, headers: headers, body: nil)
    }

    static func post(_ url: String, form fields: [(String, String)]) async throws -> Answer {
        let body = form(fields)
        return try await send(
            .POST, url, headers: [("content-type", "application/x-www-form-urlencoded")], body: Array(body.utf8))
    }

    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    static func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for header in headers { request.headers.add(name: header.0, value: header.1) }
        if let body { request.body = .bytes(body) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 10_000_000)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static let client: HTTPClient = {
        let configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}

/// A JSON value of which only scalars matter.
enum JSONScalar: Decodable {
    case string(String)
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }

    var text: String? {
        switch self {
        case .string(let text): text
        case .number(let number): "\(number)"
        case .other: nil
        }
    }
}
