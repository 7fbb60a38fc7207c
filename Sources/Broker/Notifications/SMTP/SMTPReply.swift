import HTTPExchange

/// A server's reply: a code, and the text of each of its lines (RFC 5321 section 4.2).
struct SMTPReply: Sendable, Equatable {
    let code: Int
    let lines: [String]

    /// Its last line, fit for a log.
    var summary: String { "\(code) \(Excerpt.line(lines.last ?? "", limit: 120))" }

    func require(_ code: Int, to what: String) throws(DeliveryFailure) {
        guard self.code == code else { throw DeliveryFailure("the mail server answers \(what) with \(summary)") }
    }

    /// The same without the text of lines that repeat one of the secrets, in capitals or not. An empty one is none.
    func hiding(_ secrets: [String]) -> SMTPReply {
        let hidden = secrets.filter { !$0.isEmpty }.map { $0.lowercased().utf8 }
        return SMTPReply(
            code: code,
            lines: lines.map { line in
                let lowered = line.lowercased().utf8
                return hidden.contains { lowered.firstRange(of: $0) != nil } ? "(it repeats a secret)" : line
            })
    }

    /// Far more than servers offer: what one says must not take long to read.
    private static let mostMechanisms = 64

    /// Whether EHLO's answer has the keyword.
    func offers(_ keyword: String) -> Bool {
        lines.dropFirst().contains { $0.uppercased().split(separator: " ").first == keyword[...] }
    }

    /// The mechanisms by which EHLO's answer says that clients may prove who they are (RFC 4954 section 3), in capitals, each
    /// once, ``mostMechanisms`` at most. Some servers say `AUTH=LOGIN`, as drafts of that had it, instead of `AUTH LOGIN` or beside it.
    var mechanisms: [String] {
        var mechanisms: [String] = []
        for line in lines.dropFirst() {
            let words = line.uppercased().split { $0 == " " || $0 == "=" }.map(String.init)
            guard words.first == "AUTH" else { continue }
            for word in words.dropFirst() where mechanisms.count < Self.mostMechanisms && !mechanisms.contains(word) {
                mechanisms.append(word)
            }
        }
        return mechanisms
    }
}

/// Collects a server's bytes into replies. What is longer than any server's is an error.
struct SMTPReplyReader: Sendable {
    /// RFC 5321 section 4.5.3.1.5 has 512 for a line.
    private static let longestLine = 2048
    private static let mostLines = 100

    private var line: [UInt8] = []
    private var lines: [String] = []

    init() {}

    /// The reply that `byte` completes.
    mutating func reply(completedBy byte: UInt8) throws(DeliveryFailure) -> SMTPReply? {
        guard byte == UInt8(ascii: "\n") else {
            guard line.count < Self.longestLine else { throw DeliveryFailure("the mail server's line is too long") }
            line.append(byte)
            return nil
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        guard let code = Int(text.prefix(3)), (200..<600).contains(code), lines.count < Self.mostLines else {
            throw DeliveryFailure("what answers is no mail server")
        }
        lines.append(String(text.dropFirst(4)))
        guard text.dropFirst(3).first != "-" else { return nil }
        defer { lines = [] }
        return SMTPReply(code: code, lines: lines)
    }
}
