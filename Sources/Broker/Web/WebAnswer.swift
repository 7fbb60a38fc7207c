import HTTPTypes
import Hummingbird
import NIOCore

/// Answers for browsers. Each says that nothing but this broker's stylesheet is loaded, nothing frames it and nothing runs.
enum WebAnswer {
    static func page(_ html: HTML, status: HTTPResponse.Status = .ok) -> Response {
        response(status, type: "text/html; charset=utf-8", body: html.text)
    }

    /// 303, so that whatever was sent is not sent again. The address is one of ours, or the identity provider's.
    static func seeOther(_ address: String) -> Response {
        var answer = response(.seeOther, type: "text/plain; charset=utf-8", body: "")
        answer.headers[.location] = address
        return answer
    }

    static func stylesheet() -> Response {
        response(
            .ok, type: "text/css; charset=utf-8", body: String(decoding: PackageResources.pages_css, as: UTF8.self))
    }

    private static func response(_ status: HTTPResponse.Status, type: String, body: String) -> Response {
        var headers: HTTPFields = [.contentType: type]
        headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in isolation {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    private static let isolation = [
        ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
}
