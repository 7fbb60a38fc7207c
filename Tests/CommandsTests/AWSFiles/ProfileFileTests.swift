import TestSupport
import Testing

@testable import Commands

@Suite struct ProfileFileTests {
    private static let keys = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]

    private func changed(_ text: String, _ header: String = "mine") throws -> String {
        var file = ProfileFile(Array(text.utf8))
        try file.set(Self.keys.map { ($0, "NEW") }, in: header)
        return String(decoding: file.bytes, as: UTF8.self)
    }

    private static let new = keys.map { "\($0) = NEW\n" }.joined()

    @Test func `a new profile comes to the end, after a blank line`() throws {
        #expect(try changed("") == "[mine]\n\(Self.new)")
        #expect(try changed("[a]\nx = 1") == "[a]\nx = 1\n\n[mine]\n\(Self.new)")
        #expect(try changed("[a]\nx = 1\n\n") == "[a]\nx = 1\n\n[mine]\n\(Self.new)")
        #expect(
            try changed("# only words\r\n") == "# only words\r\n\r\n[mine]\r\n\(Self.new.replacing("\n", with: "\r\n"))"
        )
    }

    @Test func `values are replaced where they are, and missing ones follow the last`() throws {
        let before =
            "[mine]\n# mine\nAWS_Session_Token: old\n  older\nregion=x\n\n# theirs\n[theirs]\naws_session_token = keep\n"
        let after = """
            [mine]
            # mine
            aws_session_token = NEW
            region=x
            aws_access_key_id = NEW
            aws_secret_access_key = NEW

            # theirs
            [theirs]
            aws_session_token = keep

            """
        #expect(try changed(before) == after)
    }

    @Test func `indented keys stay indented, or the next one would go on with them`() throws {
        let before = "[mine]\n  aws_access_key_id = old\n    older\n  # c\n    oldest\n  region = x\n"
        var file = ProfileFile(Array(before.utf8))
        try file.set([("aws_access_key_id", "NEW"), ("output", "json")], in: "mine")
        #expect(
            String(decoding: file.bytes, as: UTF8.self)
                == "[mine]\n  aws_access_key_id = NEW\n  # c\n  region = x\n  output = json\n")
        #expect(file.values(in: "mine") == ["aws_access_key_id": "NEW", "region": "x", "output": "json"])
    }

    @Test func `keys that are there twice are there once afterwards`() throws {
        let twice = "[mine]\naws_access_key_id = a\nregion = r\naws_access_key_id = b"
        #expect(try changed(twice).ranges(of: "aws_access_key_id").count == 1)
        #expect(try changed(twice).contains("region = r\n"))
    }

    @Test func `what looks like a section in a value that goes on is none`() throws {
        let text = "[a]\ns3 =\n  [mine]\n  aws_session_token = keep\n"
        #expect(try changed(text) == "\(text)\n[mine]\n\(Self.new)")
    }

    @Test func `a section that is there twice is left to its owner`() {
        #expect(throws: ProfileFileFault("has the section [mine] twice; mend that first")) {
            try changed("[mine]\n[mine]\n")
        }
    }

    @Test func `a profile of the config file is found however it is written`() throws {
        for header in [
            "[profile dev]", "[profile   dev]", "[profile \"dev\"]", "[profile 'dev']", "[ profile dev ]  # x",
        ] {
            #expect(
                ProfileFile(Array("\(header)\nregion = x".utf8)).values(in: "profile dev") == ["region": "x"],
                "\(header)")
        }
        #expect(ProfileFile(Array("[dev]\nregion = x".utf8)).values(in: "profile dev") == nil)
    }

    // MARK: Whatever the file

    /// Lines of a file that somebody could have: those with OLD belong to the section that will be changed, and to its three keys.
    private static func lines(from generator: inout SeededGenerator) -> [String] {
        let fill = [
            "# comment", "; comment", "", "  ", "region = eu-central-1", "region=x ; y", "  output : json", "s3 =",
            "   max_concurrent_requests = 20", "\tx = 1", "odd line", "= 3", "é = ü", "[", "a[b] = c",
        ]
        var lines: [String] = []
        func add(_ count: Int, _ extra: [String]) {
            for _ in 0..<count { lines.append((fill + extra).randomElement(using: &generator) ?? "") }
        }
        let theirs = keys.map { "\($0) = KEEP" } + ["[other\(lines.count)]"]
        add(Int.random(in: 0...3, using: &generator), [])
        for name in ["one", "profile two", "default"] where Bool.random(using: &generator) {
            lines.append("[\(name)]")
            add(Int.random(in: 0...5, using: &generator), Array(theirs.dropLast()))
        }
        if Bool.random(using: &generator) {
            lines.append("[mine]")
            var left = keys
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                if let key = left.popLast() {
                    lines.append("\(key)\(["=", " = ", ": "].randomElement(using: &generator) ?? "=")OLD")
                }
                add(Int.random(in: 0...1, using: &generator), [])
            }
            lines.append("[three]")
            add(2, Array(theirs.dropLast()))
        }
        return lines
    }

    @Test(arguments: 0..<400)
    func `only the lines of the three keys change, whatever the file`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let end = Bool.random(using: &generator) ? "\r\n" : "\n"
        let lines = Self.lines(from: &generator)
        let text = lines.joined(separator: end) + (Bool.random(using: &generator) ? end : "")
        var file = ProfileFile(Array(text.utf8))
        #expect(file.bytes == Array(text.utf8))
        try file.set(Self.keys.map { ($0, "NEW") }, in: "mine")
        let after = String(decoding: file.bytes, as: UTF8.self)
        /// What isn't the three keys': their lines have the mark, and the indented ones behind go on with them, past comments.
        func others(_ text: String, _ mark: String) -> [String] {
            var isOwn = false
            // To Swift, CR and LF together are one character.
            return text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
                .filter { line in
                    let content = line.drop { $0 == " " || $0 == "\t" }
                    if content.isEmpty { return false }
                    if content.hasPrefix("#") || content.hasPrefix(";") { return true }
                    isOwn = line.contains(mark) || isOwn && content.count < line.count
                    return !isOwn
                }
        }
        let expected = others(text, "OLD")
        let isNew = !lines.contains("[mine]")
        #expect(others(after, "NEW") == expected + (isNew ? ["[mine]"] : []))
        #expect(
            Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, "NEW") })
                == file.values(in: "mine")?.filter { Self.keys.contains($0.key) })
        let once = file
        try file.set(Self.keys.map { ($0, "NEW") }, in: "mine")
        #expect(file == once)
        #expect(!after.replacing("\r\n", with: "").contains("\r"))
        #expect(lines.count < 2 || end == "\n" || !after.replacing("\r\n", with: "").contains("\n"))
    }

    @Test(arguments: 0..<200)
    func `a block comes, changes and goes, and the rest stays`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 7)
        let text = Self.lines(from: &generator).joined(separator: "\n") + "\n"
        var file = ProfileFile(Array(text.utf8))
        try file.setBlock(["[profile a]", "region = x"])
        let with = String(decoding: file.bytes, as: UTF8.self)
        #expect(with.hasPrefix(text) && file.values(in: "profile a") == ["region": "x"])
        #expect(!file.foreignHeaders.contains("profile a"))
        try file.setBlock(["[profile a]", "region = x"])
        #expect(String(decoding: file.bytes, as: UTF8.self) == with)
        try file.setBlock([])
        let without = String(decoding: file.bytes, as: UTF8.self)
        #expect(without == text || without == text + "\n")
    }

    @Test(arguments: ["# >>> stsbroker: written by stsbroker setup aws-config >>>\n", "# <<< stsbroker <<<\n"])
    func `half a block is left to its owner`(mark: String) {
        #expect(throws: ProfileFileFault.self) {
            var file = ProfileFile(Array(mark.utf8))
            try file.setBlock(["[x]"])
        }
    }
}

@Suite("Defect A11: a profile's or role's name") struct ProfileNameTests {
    @Test(arguments: ["a b", "a]b", "[a", "a\nb", "", "a'b", "a\"b", #"a\b"#, "é", String(repeating: "a", count: 129)])
    func `defect A11: what a file or a shell could misread is refused`(name: String) {
        #expect(ProfileName(argument: name) == nil)
    }

    @Test(arguments: ["dev", "$(reboot)", "`id`", ";id", "a&b|c>d", "%s", "-x", "#a"])
    func `defect A11: metacharacters stand for themselves`(name: String) throws {
        let profile = try #require(ProfileName(argument: name))
        var file = ProfileFile([])
        try file.set([("region", "x")], in: AWSFile.config.header(of: profile.text))
        #expect(String(decoding: file.bytes, as: UTF8.self) == "[profile \(name)]\nregion = x\n")
    }

    @Test func `defect A11: the command of a profile quotes what a shell would read`() {
        let lines = SetupText.lines(
            [("dev", "dev"), ("x", "a;id $(b) 'c'")], command: ["/opt/s t/stsbroker", "credential-process"], region: "r"
        )
        #expect(
            lines == [
                "[profile dev]", "credential_process = '/opt/s t/stsbroker' credential-process -- dev", "region = r",
                "[profile x]",
                #"credential_process = '/opt/s t/stsbroker' credential-process -- 'a;id $(b) '\''c'\'''"#, "region = r",
            ])
    }
}
