import HTTPTypes
import Hummingbird

/// A cookie of the pages: not for scripts, not for other sites' requests, and on TLS bound to this very host (RFC 6265bis section
/// 4.1.3.2, the prefix `__Host-`).
struct WebCookie: Sendable {
    let name: String
    private let isSecure: Bool

    static func session(of settings: WebSettings) -> WebCookie {
        WebCookie("stsbroker", isSecure: settings.isSecure)
    }

    /// Holds a sign-in while the browser is at the identity provider.
    static func signIn(of settings: WebSettings) -> WebCookie {
        WebCookie("stsbroker-signin", isSecure: settings.isSecure)
    }

    private init(_ name: String, isSecure: Bool) {
        self.name = isSecure ? "__Host-\(name)" : name
        self.isSecure = isSecure
    }

    /// `nil` if it is absent, or there twice: two of one name can't be told apart.
    func value(in request: Request) -> String? {
        let values = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.drop(while: \.isWhitespace).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0] == name ? String(parts[1]) : nil
        }
        return values.count == 1 && values[0].utf8.count <= 4096 ? values[0] : nil
    }

    /// - Parameter value: base64url.
    func set(_ value: String, seconds: Int, in response: inout Response) {
        let text = "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
        response.headers.append(HTTPField(name: .setCookie, value: text))
    }

    func clear(in response: inout Response) {
        set("", seconds: 0, in: &response)
    }
}
