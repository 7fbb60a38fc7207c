import AccessControl
import ArgumentParser
import BrokerAPI
import Credentials
import FoundationEssentials
import HTTPExchange
import TestSupport
import Testing

@testable import Commands

/// Parts of a trail of ten records, as they are exported and verified.
@Suite(.timeLimit(.minutes(1))) struct AuditExportTests {
    private let key = AuditSigningKey()
    private let trail: [AuditLine]

    init() {
        var previous = AuditChain.start
        trail = (Int64(1)...10).map { sequence in
            var line = AuditLine(
                sequence: sequence, milliseconds: sequence, kind: "request", requestID: nil, details: "{}", hash: "")
            line.hash = AuditChain.hash(of: line, after: previous)
            previous = line.hash
            return line
        }
    }

    /// What `audit export` prints of a broker that has these records.
    private func exported(
        _ records: [AuditLine], after sequence: Int64, asCSV: Bool = false
    ) async throws -> [String] {
        try await ScriptedServer.running({ request in
            let query = URLComponents(string: request.target)?.queryItems ?? []
            let numbers = Dictionary(query.map { ($0.name, Int64($0.value ?? "") ?? 0) }) { first, _ in first }
            let page = records.filter { $0.sequence > numbers["after"] ?? 0 }.prefix(Int(numbers["limit"] ?? 3))
            return .text((try? AuditText.json(AuditPage(records: Array(page)))) ?? "")
        }) { server in
            let http = HTTPClient()
            let exchange = HTTPExchange(http: http, timeout: .seconds(60))
            let broker = BrokerAccess(
                client: BrokerClient(exchange: exchange, baseURL: server.url), idToken: Secret("id.token"))
            var lines: [String] = []
            try await broker.export(after: sequence, asCSV: asCSV) { lines.append($0) }
            await http.shutdown()
            return lines
        }
    }

    private func texts(_ numbers: ClosedRange<Int>) throws -> [String] {
        try numbers.map { try AuditText.json(trail[$0 - 1]) }
    }

    /// The record with other details, and the hash of the true one.
    private func falsified(_ number: Int) throws -> String {
        var line = trail[number - 1]
        line.details = #"{"a":"x"}"#
        return try AuditText.json(line)
    }

    private func anchor(_ number: Int) throws -> String { try AuditText.json(AuditAnchor(trail[number - 1])) }

    /// Why `audit verify` fails; `nil` if it doesn't.
    private func obstacle(_ lines: [String], _ options: String...) throws -> String? {
        let file = FileManager.default.temporaryDirectory.appending(path: "trail-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
        do {
            try AuditVerifyCommand.parse([file.path] + options).run()
            return nil
        } catch let obstacle as Obstacle {
            #expect(obstacle.code.rawValue == 1)
            return obstacle.message.replacing("Error: \(file.path): ", with: "")
        }
    }

    @Test func `what follows a record is exported with the hash that it is checked with`() async throws {
        let lines = try await exported(trail, after: 4)
        #expect(lines.first == #"{"hash":"\#(trail[3].hash)","kind":"anchor","sequence":4}"#)
        #expect(try lines.dropFirst() == texts(5...10)[...])
        #expect(try obstacle(lines) == nil)
        var other = lines
        other[1] = try falsified(5)
        #expect(try obstacle(other) == "record 5 does not follow from those before it")
    }

    @Test func `there is no anchor of the beginning, of a record that isn't there, and in what can't be verified`()
        async throws
    {
        #expect(try await exported(trail, after: 0) == texts(1...10))
        #expect(try await exported(trail, after: 11) == [])
        #expect(try await exported(trail.filter { $0.sequence != 4 }, after: 4) == texts(5...10))
        let values = try await exported(trail, after: 4, asCSV: true)
        #expect(values.count == 7 && values[0] == AuditText.csvHeader && values[1].hasPrefix("\"5\","))
    }

    @Test func `what was exported in parts is put together again`() async throws {
        var lines: [String] = []
        for end in [0, 4, 8] {
            let part = try await exported(Array(trail.prefix(end + 4)), after: Int64(end))
            lines += part
        }
        #expect(lines.count { $0.contains("anchor") } == 2)
        #expect(try obstacle(lines, "--expect", "10:\(trail[9].hash)") == nil)
        #expect(try AuditText.verified(Data(lines.joined(separator: "\n").utf8)).first == 1)
    }

    /// Whoever hands on a whole export can cut off its beginning, and write the first record that is left as they like.
    @Test func `a beginning that was cut off is told, and what is left of it is no evidence`() throws {
        let missing = """
            record 5 can't be checked; stsbroker audit export --after 4 writes what it takes, and --partial does without
            """
        let unproven = "it begins with the expected record 5, which can't be checked"
        let expectation = "5:\(trail[4].hash)"
        for first in [try AuditText.json(trail[4]), try falsified(5)] {
            let lines = [first] + (try texts(6...10))
            #expect(try obstacle(lines) == missing)
            #expect(try obstacle(lines, "--json") == missing)
            #expect(try obstacle(lines, "--partial") == nil)
            #expect(try obstacle(lines, "--partial", "--expect", expectation) == unproven)
            #expect(try obstacle(lines, "--partial", "--expect", "6:\(trail[5].hash)") == nil)
            let alone = "record 5 is all that it has, and can't be checked"
            #expect(try obstacle([first], "--partial") == alone)
        }
        #expect(try obstacle([try anchor(4)] + texts(5...10), "--expect", expectation) == nil)
    }

    @Test func `what was found begins with what was not checked`() throws {
        let end = "the last hash is \(trail[9].hash)."
        let export = try [AuditText.json(trail[4])] + texts(6...10)
        let bare = try AuditText.verified(Data(export.joined(separator: "\n").utf8))
        let findings = try AuditText.findings(bare, areSignaturesChecked: false)
        #expect(
            findings == [
                "Record 5 can't be checked: it begins with it, and has no anchor.",
                "Records 6 to 10 follow from it and each other; \(end)",
                "It has no checkpoints of these records: nothing in it is signed.",
            ])
        let json = try AuditVerifyCommand.parse(["-", "--json"]).text(bare)
        #expect(json.contains("\"first\" : 6,") && json.contains("\"unchecked\" : 5\n"), "\(json)")
    }

    @Test func `what was found of an anchored export says what it begins after, and from where on it is signed`() throws
    {
        let checkpoint = try key.checkpoint(sequence: 8, hash: trail[7].hash, milliseconds: 1)
        let parts = [[try anchor(4)], try texts(5...8), [try AuditText.json(checkpoint)], try texts(9...10)]
        let export = Data(parts.joined().joined(separator: "\n").utf8)
        let verification = try AuditText.verified(export, trusting: [key.publicKey])
        let findings = try AuditText.findings(verification, areSignaturesChecked: true)
        #expect(
            findings == [
                "It begins after record 4, whose hash is taken from its anchor: \(trail[3].hash).",
                "Records 5 to 10 follow from it and each other; the last hash is \(trail[9].hash).",
                "Records 5 to 8 are signed, last by the key \(key.publicKey.id).",
                "Records 9 to 10 come after the last checkpoint.",
            ])
        let json = try AuditVerifyCommand.parse(["-", "--json"]).text(verification)
        #expect(json.contains("\"anchor\" : 4,") && !json.contains("unchecked"), "\(json)")
    }
}
