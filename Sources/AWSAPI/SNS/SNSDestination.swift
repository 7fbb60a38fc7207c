/// Where SNS brings a message.
package enum SNSDestination: Sendable, Equatable {
    case topic(SNSTopic)
    case telephone(PhoneNumber)
}

/// A telephone number as SNS takes it: `+` and 8 to 15 digits, the first of them not 0 (ITU-T E.164; SNS Publish, `PhoneNumber`).
package struct PhoneNumber: Sendable, Hashable {
    package let text: String

    /// `nil` for anything else, also for a number that is written with blanks or brackets.
    package init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "+"), (8...15).contains(digits.count),
            digits.first != UInt8(ascii: "0"), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.text = text
    }
}
