import AccessControl
import ArgumentParser
import FoundationEssentials
import Testing

@testable import Commands

@Suite struct AuditTextTests {
    private func line(_ details: String = #"{"reason":"a \"b\", c"}"#) -> AuditLine {
        var line = AuditLine(
            sequence: 1, milliseconds: 1_800_000_000_123, kind: "request", requestID: "r", details: details, hash: "")
        line.hash = AuditChain.hash(of: line, after: AuditChain.start)
        return line
    }

    @Test func `an export verifies as it was written, and names what is wrong`() throws {
        let text = try AuditText.json(line())
        #expect(try AuditText.verified(Data("\(text)\n".utf8)).last?.hash == line().hash)
        #expect(throws: AuditFault("record 1 does not follow from those before it")) {
            try AuditText.verified(Data(text.replacing("request", with: "refusal").utf8))
        }
        #expect(throws: AuditFault("line 2 is no record, no checkpoint and no anchor")) {
            try AuditText.verified(Data("\(text)\nnonsense".utf8))
        }
        #expect(try AuditText.verified(Data()).last == nil)
    }

    @Test func `checkpoints stand behind their records, and are verified with a key from text or a file`() throws {
        let key = AuditSigningKey()
        let checkpoint = try key.checkpoint(sequence: 1, hash: line().hash, milliseconds: 1)
        let lines = try AuditText.jsonLines(AuditPage(records: [line()], checkpoints: [checkpoint]))
        #expect(lines == [try AuditText.json(line()), try AuditText.json(checkpoint)])
        let export = Data(lines.joined(separator: "\n").utf8)
        let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("\(key.publicKey.base64)\n".utf8).write(to: file)
        for text in [key.publicKey.base64, file.path] {
            let verification = try AuditText.verified(export, trusting: [try AuditText.key(text)])
            let findings = try AuditText.findings(verification, areSignaturesChecked: true)
            #expect(findings.last == "Records to 1 are signed, last by the key \(key.publicKey.id).")
        }
        #expect(throws: AuditFault.self) {
            try AuditText.verified(export, trusting: [AuditSigningKey().publicKey])
        }
        #expect(throws: AuditFault.self) { try AuditText.key("/nowhere") }
        let unsigned = try AuditText.findings(try AuditText.verified(export), areSignaturesChecked: false)
        #expect(unsigned.last == "It has 1 checkpoints, whose signatures were not checked; give --key.")
    }

    @Test func `as JSON, a verification says what follows from what, and whether signatures were checked`() throws {
        let key = AuditSigningKey()
        let checkpoint = try key.checkpoint(sequence: 1, hash: line().hash, milliseconds: 1)
        let export = Data([try AuditText.json(line()), try AuditText.json(checkpoint)].joined(separator: "\n").utf8)
        for keys in [[], [key.publicKey]] {
            let options = keys.flatMap { ["--key", $0.base64] }
            let command = try AuditVerifyCommand.parse(["-", "--json"] + options)
            #expect(
                try command.text(try AuditText.verified(export, trusting: keys)) == """
                    {
                      "checkpointed_to" : 1,
                      "checkpoints" : 1,
                      "first" : 1,
                      "last" : 1,
                      "last_hash" : "\(line().hash)",
                      "signatures_checked" : \(!keys.isEmpty)
                    }
                    """)
        }
        let empty = try AuditText.verified(Data())
        #expect(throws: AuditFault("it has no records")) {
            try AuditVerifyCommand.parse(["-", "--json"]).text(empty)
        }
    }

    @Test func `a trail from before there were checkpoints verifies, and says that nothing is signed`() throws {
        let export = Data(try AuditText.json(line()).utf8)
        let findings = try AuditText.findings(try AuditText.verified(export), areSignaturesChecked: false)
        #expect(findings.last == "It has no checkpoints: nothing in it is signed.")
        #expect(throws: AuditFault("there is no checkpoint, so nothing in it is signed")) {
            try AuditText.verified(export, trusting: [AuditSigningKey().publicKey])
        }
    }

    @Test func `what is expected is read from a checkpoint, from the last in a file, or from two words`() throws {
        let key = AuditSigningKey()
        let marks = [
            AuditVerification.Mark(sequence: 1, hash: line().hash), .init(sequence: 7, hash: AuditChain.start),
        ]
        let texts = try marks.map { mark in
            try AuditText.json(try key.checkpoint(sequence: mark.sequence, hash: mark.hash, milliseconds: 1))
        }
        #expect(try AuditText.mark(texts[0]) == marks[0])
        #expect(try AuditText.mark("7:\(AuditChain.start)") == marks[1])
        let file = FileManager.default.temporaryDirectory.appending(path: "trail-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data((texts + [""]).joined(separator: "\n").utf8).write(to: file)
        #expect(try AuditText.mark(file.path) == marks[1])
        let export = Data(try AuditText.json(line()).utf8)
        #expect(try AuditText.verified(export, expecting: marks[0]).last == marks[0])
        #expect(throws: AuditFault("it ends at record 1, before the expected record 7")) {
            try AuditText.verified(export, expecting: marks[1])
        }
        for text in ["", "7", "7:abc", "{}", "/nowhere"] {
            #expect(throws: AuditFault.self) { try AuditText.mark(text) }
        }
    }

    @Test func `comma-separated values are quoted`() {
        #expect(
            AuditText.csv(line())
                == #""1","2027-01-15T08:00:00Z","request","r","","","","{""reason"":""a \""b\"", c""}""#)
        let people = #""principal":{"issuer":"https://a","subject":"=1"},"voter":{"issuer":"b","subject":"2"}"#
        #expect(
            AuditText.csv(line("{\(people),\"source\":{\"address\":\"192.0.2.1\"}}")).contains(
                #","https://a =1","b 2","192.0.2.1","#))
    }

    @Test func `whoever asks for a session is told that there is more`() {
        #expect(WhoisCommand.leftOut(AuditExcerpt(records: [line()])) == nil)
        #expect(
            WhoisCommand.leftOut(AuditExcerpt(records: [line()], leftOut: ["issuance", "refusal"]))
                == "There are more records of these requests: issuance, refusal. Run stsbroker audit export for all.")
    }

    @Test(arguments: [("ASIAEXAMPLE", "ASIAEXAMPLE"), ("a+b c&d", "a%2Bb%20c%26d"), ("Zoë@x", "Zo%C3%AB@x")])
    func `names are escaped in the address`(name: String, escaped: String) {
        #expect(WhoisCommand.path(to: name) == "/v1/audit/sessions?name=\(escaped)")
    }
}
