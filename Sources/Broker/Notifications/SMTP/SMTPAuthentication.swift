import FoundationEssentials
import HTTPExchange

/// How a client proves who it is (RFC 4954), as a value: by PLAIN (RFC 4616), or by LOGIN (draft-murchison-sasl-login) where the
/// server offers no PLAIN, as Exchange Online does. Both show the server the password, so they are for TLS only.
struct SMTPAuthentication: Sendable {
    /// What the client says first.
    let command: String
    /// What it answers the server's prompts, in turn. What they say differs from server to server, and counts for nothing.
    private var answers: [String]
    /// What shows that a reply repeats the password, in any form in which the server learns it.
    private let secrets: [String]
    /// So many characters of base64 are enough for that: who cuts off what they repeat shows no more of it than this.
    private static let tellingLength = 8

    /// Fails if the server takes no password in either way.
    /// - Parameter offered: mechanisms, as ``SMTPReply/mechanisms`` has them.
    init(_ login: SMTPDialogue.Login, offered: [String]) throws(DeliveryFailure) {
        // No other identity, the user, and the password, with a zero between each.
        let plain = Self.base64("\0\(login.user)\0\(login.password)")
        if offered.contains("PLAIN") {
            command = "AUTH PLAIN \(plain)"
            answers = []
        } else if offered.contains("LOGIN") {
            command = "AUTH LOGIN"
            answers = [Self.base64(login.user), Self.base64(login.password)]
        } else {
            let others = offered.isEmpty ? "nor any other" : "only \(offered.joined(separator: " "))"
            throw DeliveryFailure(
                Excerpt.line("the mail server doesn't offer AUTH PLAIN or LOGIN, \(others)", limit: 200))
        }
        // Without padding, so that a server that leaves it out is seen through, too.
        secrets =
            [login.password]
            + [Self.base64(login.password), plain].map { String($0.prefix(Self.tellingLength).prefix { $0 != "=" }) }
    }

    /// What the client says next; `nil` once the server has taken the password. Fails if it doesn't.
    mutating func line(after reply: SMTPReply) throws(DeliveryFailure) -> String? {
        try reply.hiding(secrets).require(answers.isEmpty ? 235 : 334, to: "AUTH")
        return answers.isEmpty ? nil : answers.removeFirst()
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
