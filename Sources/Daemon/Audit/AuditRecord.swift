import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import MetadataServer

/// One line of the audit.
struct AuditRecord: Sendable {
    let kind: AuditKind
    let at: Date
    /// As the first of its kind calls itself.
    let userAgent: String
    let processID: Int32?
    /// For how many requests it stands.
    var count = 1
    /// Of repeats: from when on they came.
    var since: Date?

    enum Value: Sendable, Equatable {
        case text(String)
        case number(Int)
    }

    /// What callers choose is bounded and of one line.
    var fields: [(name: String, value: Value)] {
        var fields: [(String, Value)] = [("outcome", .text(kind.outcome))]
        func add(_ name: String, _ text: String?) {
            if let text, !text.isEmpty { fields.append((name, .text(Excerpt.line(text)))) }
        }
        func add(_ name: String, _ number: Int?) {
            if let number { fields.append((name, .number(number))) }
        }
        add("reason", kind.denial?.rawValue)
        add("role", kind.key?.role)
        add("access_key_suffix", kind.accessKeySuffix)
        switch kind.origin {
        case .user(let userID): add("uid", Int(userID))
        case .address(let address): add("peer", "\(address)")
        case nil: break
        }
        add("principal_uid", kind.key.map { Int($0.principal.userID) })
        add("pid", processID.map { Int($0) })
        add("executable", kind.executable)
        add("cgroup", kind.controlGroup)
        add("container", kind.controlGroup.flatMap(ContainerID.text))
        add("listener", kind.listener)
        add("face", kind.face.rawValue)
        add("sdk", kind.sdk.rawValue)
        add("user_agent", userAgent)
        add("count", count)
        add("since", since.map(AWSTimestamp.text))
        return fields
    }

    /// A JSON object and a line feed.
    var line: String {
        let members = fields.map { "\(Self.quoted($0.name)):\(Self.json($0.value))" }
        return "{\"time\":\(Self.quoted(AWSTimestamp.text(at))),\(members.joined(separator: ","))}\n"
    }

    var message: Logger.Message {
        kind.outcome == AuditKind.issued ? "credentials handed out" : "credentials refused"
    }

    /// For the log, whose text separates fields by spaces: what isn't plain is quoted.
    var metadata: Logger.Metadata {
        Logger.Metadata(
            fields.map { name, value in
                switch value {
                case .number(let number): (name, "\(number)")
                case .text(let text): (name, "\(Self.isPlain(text) ? text : Self.quoted(text))")
                }
            }
        ) { first, _ in first }
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
    }

    private static func json(_ value: Value) -> String {
        switch value {
        case .number(let number): "\(number)"
        case .text(let text): quoted(text)
        }
    }

    /// There are no control characters in it any more.
    private static func quoted(_ text: String) -> String {
        var quoted: String.UnicodeScalarView = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "\"" { quoted.append("\\") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}

/// Finds which container a control group is of.
enum ContainerID {
    /// The first twelve digits, as container engines show them, of the last 64 hexadecimal ones in the path; `nil` if there are
    /// none: Docker, containerd, CRI-O and Podman name their groups so.
    static func text(in controlGroup: String) -> String? {
        let runs = controlGroup.split { !$0.isASCII || !$0.isHexDigit || $0.isUppercase }
        return runs.last { $0.utf8.count == 64 }.map { String($0.prefix(12)) }
    }
}
