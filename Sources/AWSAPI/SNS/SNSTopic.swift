/// An SNS topic: `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
package struct SNSTopic: Sendable, Equatable {
    package let arn: String
    package let region: String
    /// Whether it keeps order, and wants a group and an id of each message.
    package let isFIFO: Bool

    /// `nil` if it is none. A name has 1 to 256 letters, digits, `-` and `_`, and `.fifo` at the end of a FIFO topic's (SNS
    /// CreateTopic, `Name`).
    package init?(_ arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1] == "aws" || parts[1].hasPrefix("aws-"), parts[2] == "sns",
            Self.consists(parts[1], of: "-"), Self.consists(parts[3], of: "-"), parts[4].utf8.count == 12,
            parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        isFIFO = parts[5].hasSuffix(".fifo")
        let name = isFIFO ? parts[5].dropLast(5) : parts[5]
        guard name.utf8.count <= 256, Self.consists(name, of: "-_") else { return nil }
        self.arn = arn
        region = String(parts[3])
    }

    private static func consists(_ text: Substring, of punctuation: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: punctuation.utf8.contains(byte)
                }
            }
    }
}
