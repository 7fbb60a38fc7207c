import BrokerAPI
import Testing

@testable import Commands

@Suite struct TextTableTests {
    @Test func `columns are as wide as their widest cell, and lines end without blanks`() {
        var table = TextTable(header: ["A", "LONG"])
        table.add(["wide cell", ""])
        table.add(["é", "x"])
        #expect(table.lines == ["A          LONG", "wide cell", "é          x"])
    }

    @Test(arguments: ["a\u{1B}[31m", "a\rb", "a\nb", "a\u{202E}b", "a\u{85}b"])
    func `what others wrote can't steer the terminal`(text: String) {
        var table = TextTable(header: ["A"])
        table.add([text])
        let line = table.lines[1]
        #expect(line.unicodeScalars.contains("\u{FFFD}"))
        #expect(!line.unicodeScalars.contains { "\u{1B}\r\n\u{202E}\u{85}".unicodeScalars.contains($0) })
    }

    @Test func `policies are a table, or a sentence when there is none`() {
        let policy = PolicySummary(
            id: "dev", description: "Build", account: "111122223333", risk: 10, maximumDurationSeconds: 5400)
        #expect(
            PoliciesCommand.text(PolicyList(policies: [policy])) == """
                POLICY  ACCOUNT       RISK  LONGEST  DESCRIPTION
                dev     111122223333  10    90m      Build
                """)
        #expect(PoliciesCommand.text(PolicyList(policies: [])) == "Your teams may request no policy.")
    }
}
