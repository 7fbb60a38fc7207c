import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A complete body of one media type that nobody may store: everything the sandbox says is about sign-ins and keys.
    static func text(
        _ body: String, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    /// `someName` is written as `some_name`.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let body = String(decoding: try encoder.encode(value), as: UTF8.self)
        return text(body, type: "application/json", status: status, headers: headers)
    }

    /// An HTML page without scripts, not to be framed.
    static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [:]
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        return text(html, type: "text/html; charset=utf-8", status: status, headers: headers)
    }

    static func redirect(to address: String) -> Response {
        Response(status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    }
}

extension Request {
    /// The fields of a form body. Anything else than a form, or one over 64 KiB, is refused.
    func form() async throws -> FormParameters {
        let type = headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw HTTPError(.unsupportedMediaType, message: "send application/x-www-form-urlencoded")
        }
        let buffer = try await body.collect(upTo: 65536)
        return try FormParameters(parsing: String(buffer: buffer))
    }

    /// The raw path and the raw query, undecoded, as they stood in the request line.
    var rawTarget: (path: String, query: String) {
        let target = head.path ?? "/"
        guard let mark = target.firstIndex(of: "?") else { return (target, "") }
        return (String(target[..<mark]), String(target[target.index(after: mark)...]))
    }
}
