/// The tests of a file, each with its own text: what `swift format` lays out as a member of a suite begins behind a
/// blank line or with `@Test`, and is indented by four columns at most.
struct TestBodies {
    /// What a test may fail by: an expectation, or a script or a program that says so by its exit status.
    private static let judgements = [
        "#expect", "#require", "Issue.record(", "confirmation(", "Snapshot.compare(", "sandbox.shell(",
    ]

    private let tests: [Substring]
    /// Helpers, and whatever else the file has.
    private let others: [Substring]

    init(_ text: String) {
        // What a comment mentions judges nothing.
        let code = text.replacing(/\n *\/\/[^\n]*/, with: "")
        let members = code.split(separator: /\n\n(?= {0,4}\S)|\n(?= *@Test\b)/)
        tests = members.filter(Self.isTest)
        others = members.filter { !Self.isTest($0) }
    }

    /// The beginnings of those that could fail only by an error that nobody has in mind: neither they nor a helper of
    /// the file that they call judge anything.
    var unjudged: [String] {
        let doubtful = tests.filter { !Self.judges($0, calling: []) }
        guard !doubtful.isEmpty else { return [] }
        let helpers = judgingHelpers
        return doubtful.filter { !Self.judges($0, calling: helpers) }.map { String($0.prefix(120)) }
    }

    /// The names of the functions that judge, themselves or by one of the others.
    private var judgingHelpers: Set<String> {
        var known: Set<String> = []
        while true {
            let found = Set(others.filter { Self.judges($0, calling: known) }.flatMap { Self.functions(in: $0) })
            if found == known { return known }
            known = found
        }
    }

    private static func isTest(_ member: Substring) -> Bool {
        member.drop { $0.isWhitespace }.hasPrefix("@Test")
    }

    private static func judges(_ member: Substring, calling helpers: Set<String>) -> Bool {
        judgements.contains { member.contains($0) }
            || !helpers.isEmpty && member.matches(of: /(\w+) ?[\(\{]/).contains { helpers.contains(String($0.1)) }
    }

    private static func functions(in member: Substring) -> [String] {
        member.matches(of: /\bfunc (\w+)/).map { String($0.1) }
    }
}
