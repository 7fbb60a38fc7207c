import AccessControl
import Testing

@Suite("Audit verification")
struct AuditVerificationTests {
    private func trail(_ count: Int64) -> [AuditLine] {
        var previous = AuditChain.start
        return (1...count).map { sequence in
            var line = AuditLine(
                sequence: sequence, milliseconds: 1_800_000_000_000 + sequence, kind: "request",
                requestID: sequence.isMultiple(of: 2) ? nil : "r\(sequence)", details: #"{"a":"\#(sequence)"}"#,
                hash: "")
            line.hash = AuditChain.hash(of: line, after: previous)
            previous = line.hash
            return line
        }
    }

    private func problem(_ lines: [AuditLine]) -> String? {
        var verification = AuditVerification()
        for line in lines {
            if let problem = verification.problem(with: line) { return problem }
        }
        return nil
    }

    @Test("What was written follows, from the beginning or from wherever an export begins")
    func whole() {
        #expect(problem(trail(5)) == nil)
        #expect(problem(Array(trail(5).dropFirst(2))) == nil)
        #expect(problem([]) == nil)
    }

    @Test("The first record that was changed, left out or moved is named")
    func broken() {
        let changes: [(inout AuditLine) -> Void] = [
            { $0.details = "{}" }, { $0.milliseconds += 1 }, { $0.kind = "vote" }, { $0.requestID = "other" },
            { $0.hash = AuditChain.start },
        ]
        for change in changes {
            var lines = trail(5)
            change(&lines[2])
            #expect(problem(lines) == "record 3 does not follow from those before it")
        }
        #expect(problem(Array(trail(2) + trail(5).dropFirst(3))) == "record 4 comes after record 2")
        var swapped = trail(3)
        swapped.swapAt(0, 1)
        #expect(problem(swapped) == "record 1 comes after record 2")
        var first = trail(1)
        first[0].details = "{}"
        #expect(problem(first) == "record 1 does not follow from those before it")
    }
}
