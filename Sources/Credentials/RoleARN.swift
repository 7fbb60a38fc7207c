/// The ARN of an IAM role: `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`.
package struct RoleARN: Sendable, Hashable, CustomStringConvertible {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    package let partition: String
    /// Twelve digits.
    package let accountID: String
    /// The role's name without its path, 1..64 characters of `[\w+=,.@-]` (IAM CreateRole, `RoleName`).
    package let name: String
    /// The whole ARN, 20..2048 characters (STS AssumeRole, `RoleArn`).
    package let description: String

    /// Fails with an ``InvalidRoleARN`` that quotes the text and says what is wrong with it.
    package init(_ text: String) throws(InvalidRoleARN) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[3].isEmpty else {
            throw InvalidRoleARN(text: text, reason: "it does not have the form arn:PARTITION:iam::ACCOUNT:role/NAME")
        }
        guard parts[1] == "aws" || parts[1].hasPrefix("aws-") else {
            throw InvalidRoleARN(text: text, reason: "its partition is not aws or aws-…")
        }
        guard parts[4].utf8.count == 12, parts[4].utf8.allSatisfy(isDigit) else {
            throw InvalidRoleARN(text: text, reason: "its account is not 12 digits")
        }
        let segments = parts[5].split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count >= 2, segments[0] == "role", segments.allSatisfy({ !$0.isEmpty }) else {
            throw InvalidRoleARN(text: text, reason: "its resource is not role/NAME or role/PATH/NAME")
        }
        let name = segments[segments.count - 1]
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameCharacter) else {
            throw InvalidRoleARN(text: text, reason: "its role name is not 1 to 64 of letters, digits and _+=,.@-")
        }
        guard (20...2048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidRoleARN(text: text, reason: "it is not 20 to 2048 printable ASCII characters")
        }
        partition = String(parts[1])
        accountID = String(parts[4])
        self.name = String(name)
        description = text
    }
}

/// Why a text is not a role ARN.
package struct InvalidRoleARN: Error, Equatable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package var description: String { "\"\(text)\" is not the ARN of an IAM role: \(reason)" }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_+=,.@-".utf8.contains(byte)
    }
}
