import AccessControl
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
        #expect(throws: AuditFault("line 2 is no record")) { try AuditText.verified(Data("\(text)\nnonsense".utf8)) }
        #expect(try AuditText.verified(Data()).last == nil)
    }

    @Test func `comma-separated values are quoted`() {
        #expect(
            AuditText.csv(line())
                == #""1","2027-01-15T08:00:00Z","request","r","{""reason"":""a \""b\"", c""}""#)
    }

    @Test(arguments: [("ASIAEXAMPLE", "ASIAEXAMPLE"), ("a+b c&d", "a%2Bb%20c%26d"), ("Zoë@x", "Zo%C3%AB@x")])
    func `names are escaped in the address`(name: String, escaped: String) {
        #expect(WhoisCommand.path(to: name) == "/v1/audit/sessions?name=\(escaped)")
    }
}
