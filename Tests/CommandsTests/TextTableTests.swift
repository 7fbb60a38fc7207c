import ArgumentParser
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

    @Test func `policies are a table, or a sentence when there is none`() throws {
        let policy = PolicySummary(
            id: "dev", description: "Build", account: "111122223333", risk: 10, maximumDurationSeconds: 5400)
        #expect(
            try PoliciesCommand.text(PolicyList(policies: [policy]), .parse([]), width: 80) == """
                POLICY  ACCOUNT       RISK  LONGEST  DESCRIPTION
                dev     111122223333  10    90m      Build
                """)
        #expect(
            try PoliciesCommand.text(PolicyList(policies: []), .parse([]), width: 80)
                == "Your teams may request no policy.")
        #expect(try PoliciesCommand.text(PolicyList(policies: []), .parse(["--csv", "--no-header"]), width: 80) == "")
    }

    @Test func `what doesn't fit is cut from the widest cells, and shows that it is`() {
        var table = TextTable(header: ["ID", "REASON", "STATE"])
        table.add(["0123456789ab", "a reason that is longer than any terminal is wide", "pending"])
        #expect(
            table.lines(fitting: 40) == [
                "ID            REASON             STATE", "0123456789ab  a reason that is…  pending",
            ])
        #expect(table.lines(fitting: 40).allSatisfy { $0.count <= 40 })
        #expect(table.lines(fitting: nil)[1].contains("wide"))
        // Nothing is cut to nothing.
        #expect(table.lines(fitting: 5)[1] == "0123456…  a reaso…  pending")
    }

    @Test func `wide characters count twice`() {
        var table = TextTable(header: ["A", "B"])
        table.add(["日本", "x"])
        #expect(table.lines == ["A     B", "日本  x"])
        #expect(table.lines(fitting: 3)[1] == "日本  x")
    }

    @Test func `colours are put around a cell and don't count`() {
        var table = TextTable(header: ["A", "B"])
        table.add(["x", "y"], colours: [0: .red])
        #expect(table.lines(fitting: nil, colours: true)[1] == "\u{1B}[31mx\u{1B}[0m  y")
        #expect(table.lines(fitting: nil)[1] == "x  y")
    }
}

@Suite struct DataTableTests {
    private let table = DataTable(
        columns: [.init(name: "policy"), .init(name: "risk"), .init(name: "seconds", isExtra: true)],
        rows: [["b,\"c\"", "9", "60"], ["a", "10", "3600"], ["B", "9", "1"]])

    private func text(_ arguments: String...) throws -> String {
        try table.text(.parse(arguments), width: 80)
    }

    @Test func `columns, sorting, filters and headers are chosen`() throws {
        #expect(try text() == "POLICY  RISK\nb,\"c\"   9\na       10\nB       9")
        #expect(try text("--extended").hasPrefix("POLICY  RISK  SECONDS\n"))
        #expect(
            try text("--columns", "seconds,policy", "--no-header", "--sort", "seconds")
                == "1     B\n60    b,\"c\"\n3600  a")
        #expect(try text("--sort=-risk", "--columns=policy", "--no-header") == "a\nb,\"c\"\nB")
        #expect(try text("--filter", "policy=B", "--no-header") == "b,\"c\"  9\nB      9")
        #expect(try text("-x", "--csv") == "policy,risk,seconds\n\"b,\"\"c\"\"\",9,60\na,10,3600\nB,9,1")
    }

    @Test func `other programs read it as CSV, JSON or YAML`() throws {
        #expect(try text("--output", "json", "--filter", "policy=a").contains(#""policy" : "a""#))
        #expect(
            try text("--output", "yaml", "--filter", "risk=9", "--columns", "policy,risk")
                == #"- policy: "b,\"c\""\#n  risk: "9"\#n- policy: "B"\#n  risk: "9""#)
        #expect(try text("--output", "yaml", "--filter", "risk=x") == "[]")
    }

    @Test(arguments: [["--columns", "nothing"], ["--sort", "x"], ["--filter", "policy"], ["--filter", "x=y"]])
    func `what there isn't is named`(arguments: [String]) {
        #expect(throws: TableFault.self) { try table.text(.parse(arguments), width: nil) }
    }

    @Test func `nothing is cut where that is asked for`() throws {
        let long = DataTable(columns: [.init(name: "a")], rows: [[String(repeating: "x", count: 90)]])
        #expect(try long.text(.parse([]), width: 80).split(separator: "\n")[1].count == 80)
        #expect(try long.text(.parse(["--no-truncate"]), width: 80).split(separator: "\n")[1].count == 90)
    }
}
