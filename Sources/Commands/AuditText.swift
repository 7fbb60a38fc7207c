import AccessControl
import Credentials
import FoundationEssentials

/// Records and checkpoints of the trail as text.
enum AuditText {
    /// One line.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The lines of an export: each record, and after it the checkpoint that covers it, if there is one.
    static func jsonLines(_ page: AuditPage) throws -> [String] {
        let checkpoints = (page.checkpoints ?? []).map { ($0.sequence, $0) }
        let bySequence = Dictionary(checkpoints) { first, _ in first }
        return try page.records.flatMap { record in
            [try json(record)] + (try bySequence[record.sequence].map { [try json($0)] } ?? [])
        }
    }

    static let csvHeader = "sequence,at,kind,request_id,principal,actor,address,details"

    /// RFC 4180, and nothing that a spreadsheet takes for a formula: names of people come after their issuer.
    static func csv(_ line: AuditLine) -> String {
        let instant = Date(timeIntervalSince1970: Double(line.milliseconds) / 1000)
        let people = try? JSONDecoder().decode(AuditPeople.self, from: Data(line.details.utf8))
        let actor = people?.actor ?? people?.voter ?? people?.author?.principal
        let source = people?.source ?? people?.author?.source
        let fields = [
            "\(line.sequence)", AWSTimestamp.text(instant), line.kind, line.requestID ?? "", text(people?.principal),
            text(actor), source?.address?.description ?? "", line.details,
        ]
        return fields.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
    }

    private static func text(_ principal: PrincipalID?) -> String {
        principal.map { "\($0.issuer) \($0.subject)" } ?? ""
    }

    /// Fails with the line, or the first record or checkpoint that does not fit.
    static func verified(
        _ export: Data, trusting keys: [AuditPublicKey] = [], expecting expected: AuditVerification.Mark? = nil
    ) throws(AuditFault) -> AuditVerification {
        var verification = AuditVerification(trusting: keys, expecting: expected)
        for (index, text) in export.split(separator: UInt8(ascii: "\n")).enumerated() {
            let problem: String?
            if let checkpoint = try? JSONDecoder().decode(AuditCheckpoint.self, from: text) {
                problem = verification.problem(with: checkpoint)
            } else if let line = try? JSONDecoder().decode(AuditLine.self, from: text) {
                problem = verification.problem(with: line)
            } else if let anchor = try? JSONDecoder().decode(AuditAnchor.self, from: text) {
                problem = verification.problem(with: anchor)
            } else {
                throw AuditFault("line \(index + 1) is no record, no checkpoint and no anchor")
            }
            if let problem { throw AuditFault(problem) }
        }
        if let problem = verification.problemAtEnd { throw AuditFault(problem) }
        return verification
    }

    /// What was found, for people.
    static func findings(_ verification: AuditVerification, areSignaturesChecked: Bool) throws(AuditFault) -> [String] {
        guard let first = verification.first, let last = verification.last else {
            guard let only = verification.unchecked else { throw AuditFault("it has no records") }
            throw AuditFault("record \(only.sequence) is all that it has, and can't be checked")
        }
        let beginning = beginning(of: verification)
        let others = beginning == nil ? "each other" : "it and each other"
        var lines = beginning.map { [$0] } ?? []
        lines.append("Records \(first) to \(last.sequence) follow from \(others); the last hash is \(last.hash).")
        guard let checkpoint = verification.checkpoint else {
            let none = beginning == nil ? "It has no checkpoints" : "It has no checkpoints of these records"
            return lines + ["\(none): nothing in it is signed."]
        }
        let covered = beginning == nil ? "Records" : "Records \(first)"
        lines.append(
            areSignaturesChecked
                ? "\(covered) to \(checkpoint.sequence) are signed, last by the key \(checkpoint.keyID)."
                : "It has \(verification.checkpoints) checkpoints, whose signatures were not checked; give --key.")
        if checkpoint.sequence < last.sequence {
            lines.append("Records \(checkpoint.sequence + 1) to \(last.sequence) come after the last checkpoint.")
        }
        return lines
    }

    /// What was taken as it stands; `nil` where it begins with record 1.
    private static func beginning(of verification: AuditVerification) -> String? {
        if let anchor = verification.anchor {
            return "It begins after record \(anchor.sequence), whose hash is taken from its anchor: \(anchor.hash)."
        }
        guard let unchecked = verification.unchecked else { return nil }
        return "Record \(unchecked.sequence) can't be checked: it begins with it, and has no anchor."
    }

    /// Reads a public key, or the file that it is in.
    static func key(_ text: String) throws(AuditFault) -> AuditPublicKey {
        if let key = AuditPublicKey(base64: text) { return key }
        guard let data = try? Data(contentsOf: URL(filePath: text)) else {
            throw AuditFault("--key is neither a public key in base64 nor a file")
        }
        let line = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        guard let key = AuditPublicKey(base64: String(line)) else {
            throw AuditFault("\(text) has no public key in base64 on its first line")
        }
        return key
    }

    /// Reads a checkpoint, a file with some of which the last counts, or `SEQUENCE:HASH`.
    static func mark(_ text: String) throws(AuditFault) -> AuditVerification.Mark {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let sequence = Int64(parts[0]), parts[1].utf8.count == 64 {
            return AuditVerification.Mark(sequence: sequence, hash: parts[1].lowercased())
        }
        let data = text.hasPrefix("{") ? Data(text.utf8) : (try? Data(contentsOf: URL(filePath: text))) ?? Data()
        let checkpoints = data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(AuditCheckpoint.self, from: $0)
        }
        guard let last = checkpoints.last else {
            throw AuditFault("--expect is neither a checkpoint, nor a file with one, nor SEQUENCE:HASH")
        }
        return AuditVerification.Mark(sequence: last.sequence, hash: last.hash)
    }
}

/// Whose request a record is about, who acted, and from where, as far as it says.
private struct AuditPeople: Decodable {
    let principal: PrincipalID?
    let actor: PrincipalID?
    let voter: PrincipalID?
    let source: RequestSource?
    /// Of a policy.
    let author: ChangeAuthor?
}
