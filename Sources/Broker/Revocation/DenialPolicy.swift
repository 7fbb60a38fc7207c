import FoundationEssentials

/// The inline policy that denies sessions everything, as one statement: as many of them as there is room for.
struct DenialPolicy: Sendable, Equatable {
    /// JSON without white space.
    let document: String
    /// Those that it denies; the others have no room.
    let sessionNames: [String]

    /// - Parameters:
    ///   - sessionNames: those that matter most first; they hold no wildcards (STS AssumeRole, `RoleSessionName`).
    ///   - room: the characters that IAM takes.
    init(denying sessionNames: [String], room: Int) {
        var (kept, length) = ([String](), (Self.start + Self.end).utf8.count)
        for name in sessionNames {
            length += Self.entry(name).utf8.count + (kept.isEmpty ? 0 : 1)
            guard length <= room else { break }
            kept.append(name)
        }
        self.sessionNames = kept
        document = Self.start + kept.map(Self.entry).joined(separator: ",") + Self.end
    }

    /// `aws:userid` of a session is `ROLE-ID:SESSION-NAME` (IAM User Guide, "Principal key values").
    private static func entry(_ name: String) -> String { "\"*:\(name)\"" }

    private static let start =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","#
        + #""Condition":{"StringLike":{"aws:userid":["#
    private static let end = "]}}}]}"

    /// What IAM counts of a document: everything but white space.
    static func countedCharacters(_ document: String) -> Int {
        document.unicodeScalars.count { !$0.properties.isWhitespace }
    }
}
