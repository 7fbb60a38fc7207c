import FoundationEssentials
import Hummingbird

/// Where a list goes on: after what the page before ended with, so that what comes or goes meanwhile moves nothing. Opaque to
/// clients; no secret, and nothing that it names is shown to whoever may not see it.
struct PageToken: Sendable, Equatable, CustomStringConvertible {
    /// The key of the last item.
    let key: String

    init(after key: String) {
        self.key = key
    }

    /// `nil` if the text is none of ``description``.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 2_000 else { return nil }
        let standard = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding),
            let key = String(validating: data, as: UTF8.self), !key.isEmpty
        else { return nil }
        self.key = key
    }

    /// Base64 for URLs, without padding (RFC 4648, section 5).
    var description: String {
        Data(key.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// `limit` and `next_token`.
struct PageRequest: Sendable {
    let limit: Int
    let token: PageToken?

    /// - Parameter longest: the most that a page has, and what it has if the client doesn't say.
    init(_ request: Request, longest: Int) throws(Problem) {
        let limit = request.uri.queryParameters["limit"].map { Int($0) } ?? longest
        guard let limit, (1...longest).contains(limit) else {
            throw Problem.invalidRequest("The parameter \"limit\" must be 1 to \(longest).")
        }
        self.limit = limit
        guard let text = request.uri.queryParameters["next_token"] else {
            token = nil
            return
        }
        guard let token = PageToken(text) else { throw Self.foreignToken }
        self.token = token
    }

    static var foreignToken: Problem {
        .invalidRequest("The parameter \"next_token\" is none that this list has given; begin anew without it.")
    }
}
