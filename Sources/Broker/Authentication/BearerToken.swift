import Hummingbird

/// The ID token of a request's `Authorization` header: `Bearer TOKEN` (RFC 6750, section 2.1), or the bare token, as
/// the clients of the original system send it.
struct BearerToken: Sendable {
    let text: String

    /// Tokens of identity providers stay far under this.
    static let longest = 16 * 1024

    init(in headers: HTTPFields) throws(AuthenticationFailure) {
        let values = headers[values: .authorization]
        guard let value = values.first else { throw .noToken }
        guard values.count == 1 else { throw .malformedHeader }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        let token: Substring? =
            switch words.count {
            case 1: words[0]
            case 2 where words[0].lowercased() == "bearer": words[1]
            default: nil
            }
        guard let token, token.utf8.count <= Self.longest, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformedHeader
        }
        guard token.lowercased() != "bearer" else { throw .noToken }
        text = String(token)
    }
}
