import Credentials
package import FoundationEssentials

/// One message of plain text (RFC 5322, MIME). Nothing that people wrote reaches a header unencoded, so none of it is one.
package struct MailMessage: Sendable, Equatable {
    let from: String
    let to: [String]
    /// As what the client of a mail server that hands it over greets.
    let clientName: String
    private let bytes: [UInt8]

    /// - Parameters:
    ///   - from, to: each a ``MailAddress`` in text.
    ///   - id: unique; the message's id is made of it, by which mailboxes know a second copy.
    package init(from: MailAddress, to: [MailAddress], subject: String, lines: [String], id: String, date: Date) {
        self.from = from.text
        self.to = to.map(\.text)
        clientName = from.clientName
        let headers = [
            "Date: \(Self.text(date))", "From: <\(from.text)>",
            "To: \(to.map { "<\($0.text)>" }.joined(separator: ",\r\n "))",
            "Subject: \(Self.encoded(subject))", "Message-ID: <\(id)@\(from.domain)>", "MIME-Version: 1.0",
            // RFC 3834 section 5: keeps absence notes from answering.
            "Auto-Submitted: auto-generated", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        let body = Data(lines.map { $0 + "\r\n" }.joined().utf8)
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        bytes = Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body + "\r\n").utf8)
    }

    /// As it follows DATA, with its end. No line of it begins with a dot: headers begin with their names or a blank, and base64
    /// has no dot (RFC 5321 section 4.5.2).
    var transparentBytes: [UInt8] { bytes + Array(".\r\n".utf8) }

    /// RFC 2047: words of at most 75 characters, each whole characters of UTF-8.
    static func encoded(_ text: String) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        func flush() {
            words.append("=?utf-8?B?\(Data(word).base64EncodedString())?=")
            word = []
        }
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if word.count + bytes.count > 45 { flush() }
            word += bytes
        }
        flush()
        return words.joined(separator: "\r\n ")
    }

    /// RFC 5322 section 3.3. 1970 began on a Thursday.
    static func text(_ date: Date) -> String {
        let days = Int(clamping: Int64((date.timeIntervalSince1970 / 86_400).rounded(.down)))
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = AWSTimestamp.text(date).split { "-T:.Z".contains($0) }
        guard parts.count >= 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        return "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }
}

/// An address for the mail's envelope: `local@domain` in printable ASCII, without quotes or comments (RFC 5321 section 4.1.2).
package struct MailAddress: Sendable, Hashable {
    package let text: String

    /// `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        // RFC 5321 section 4.5.3.1: 64 octets, and 256 for the whole path with its brackets.
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), !parts[1].isEmpty, text.utf8.count <= 254 else {
            return nil
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"()<>[]\\,;:\"".utf8.contains($0) }) else {
            return nil
        }
        self.text = text
    }

    var domain: String { String(text.split(separator: "@").last ?? "") }

    /// How a client that sends from it greets: by its domain, by which relays know their users (smtp-relay.gmail.com
    /// answers an address with 421), or by an address literal that says nothing of this machine where the domain is no
    /// full name (RFC 5321 sections 4.1.1.1 and 4.1.3).
    var clientName: String { Self.isFullName(domain) ? domain : "[127.0.0.1]" }

    /// RFC 5321 section 4.1.2. What ends with a number is an address, and what has no dot is known here only.
    private static func isFullName(_ domain: String) -> Bool {
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, labels.last?.contains(where: \.isLetter) == true else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        }
    }
}
