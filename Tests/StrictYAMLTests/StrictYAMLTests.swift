import StrictYAML
import Testing

private struct Settings: Decodable, Equatable {
    struct Broker: Decodable, Equatable {
        var url: String
        var retries: Int?
    }
    struct Rule: Decodable, Equatable {
        var user: String
        var roles: [String]?
    }
    var broker: Broker
    var rules: [Rule]?
    var debug: Bool?
    var timeout: ConfiguredDuration?
}

@Suite struct StrictYAMLTests {
    private func decode(_ text: String, environment: [String: String] = [:]) throws -> Settings {
        try StrictYAML.decode(
            Settings.self, from: text, file: "test.yaml", environment: environment, environmentPrefix: "TEST")
    }

    private func fault(_ text: String, environment: [String: String] = [:]) -> String {
        do {
            return "accepted: \(try decode(text, environment: environment))"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a whole file is read`() throws {
        let settings = try decode(
            """
            broker: {url: "http://127.0.0.1:1", retries: 3}
            rules:
              - user: 0012
                roles: [a, b]
              - user: root
            debug: true
            timeout: 30s
            """)
        #expect(settings.broker == .init(url: "http://127.0.0.1:1", retries: 3))
        #expect(settings.rules == [.init(user: "0012", roles: ["a", "b"]), .init(user: "root", roles: nil)])
        #expect(settings.debug == true)
        #expect(settings.timeout?.duration == .seconds(30))
    }

    @Test(arguments: [
        ("broker: {url: x}\ncolour: blue", "test.yaml:2:1: the document has an unknown key \"colour\""),
        ("broker:\n  url: x\n  urk: y", "test.yaml:3:3: broker has an unknown key \"urk\""),
        (
            "broker: {url: x}\nrules:\n  - user: a\n    role: b",
            "test.yaml:4:5: rules[0] has an unknown key \"role\""
        ),
        ("broker: {retries: 1}", "test.yaml:1:9: broker lacks the key \"url\""),
        ("debug: true", "test.yaml:1:1: the document lacks the key \"broker\""),
        ("broker: {url: x, retries: many}", "test.yaml:1:27: broker.retries must be a whole number"),
        ("broker: {url: x}\ndebug: yes", "test.yaml:2:8: debug must be true or false"),
        ("broker: [x]", "test.yaml:1:9: broker must be a mapping, but is a list"),
        ("broker: {url: x}\nrules: {user: a}", "test.yaml:2:8: rules must be a list, but is a mapping"),
        ("broker: {url: [x]}", "test.yaml:1:15: broker.url must be text, but is a list"),
        ("broker: {url: x}\ntimeout: 30", "test.yaml:2:10: timeout must be a length of time like 30s"),
        ("broker: {url: x}\nbroker: {url: y}", "a mapping has a key twice: broker"),
        ("broker: {url: x", "test.yaml:2:1: is not YAML"),
        ("", "test.yaml:1:1: the document lacks the key \"broker\""),
        ("- a", "test.yaml:1:1: the document must be a mapping, but is a list"),
        ("? [a]\n: b", "has a key that is not a single value"),
    ])
    func `a fault names file, line, column and path`(text: String, expected: String) {
        #expect(fault(text).contains(expected), "\(fault(text))")
    }

    @Test func `a variable overrides a scalar, present or absent, and creates what leads to it`() throws {
        let environment = ["TEST_BROKER_URL": "https://b", "TEST_DEBUG": "true", "OTHER": "1"]
        #expect(try decode("broker: {url: x}", environment: environment).broker.url == "https://b")
        #expect(try decode("", environment: environment).debug == true)
    }

    @Test func `a variable for a list has all of it as YAML, and its elements have none`() throws {
        let rules = #"[{user: a, roles: [x]}, {"user": "b", "roles": []}]"#
        let file = "broker: {url: x}\nrules: [{user: c, roles: []}]"
        #expect(try decode(file, environment: ["TEST_RULES": rules]).rules?.map(\.user) == ["a", "b"])
        #expect(try decode(file, environment: ["TEST_RULES": "- user: a\n  roles: [x]"]).rules?.map(\.roles) == [["x"]])
        for (text, expected) in [
            (
                "[{user: a, roles: \"[x]\"}]",
                "environment variable TEST_RULES: rules[0].roles must be a list, but is a single"
            ),
            ("a", "environment variable TEST_RULES: rules must be a list"),
            ("[a", "environment variable TEST_RULES:2:1: is not YAML"),
            (
                "[{user: a, roles: [], more: b}]",
                "environment variable TEST_RULES: rules[0] has an unknown key \"more\""
            ),
        ] {
            let fault = fault(file, environment: ["TEST_RULES": text])
            #expect(fault.hasPrefix(expected), "\(fault)")
        }
        #expect(fault(file, environment: ["TEST_RULES_0_USER": "a"]).contains("names no setting"))
    }

    @Test func `a variable that names no setting or has a wrong value is refused by name`() {
        let file = "broker: {url: x}"
        #expect(fault(file, environment: ["TEST_BROKER_URI": "x"]).contains("environment variable TEST_BROKER_URI"))
        #expect(
            fault(file, environment: ["TEST_BROKER_RETRIES": "x"])
                == "environment variable TEST_BROKER_RETRIES: broker.retries must be a whole number of "
                + "\(Int.min) to \(Int.max)")
    }

    @Test func `aliases that multiply and nesting without end are refused`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...7 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(fault(bomb).contains("nested too deeply or too large"))
        #expect(!fault(String(repeating: "[", count: 100_000)).contains("accepted"))
        #expect(!fault(String(repeating: "- ", count: 100_000)).contains("accepted"))
        #expect(fault(String(repeating: " ", count: 2 << 20)).contains("larger than"))
    }

    @Test func `anchors stand for their values, and only for what ended before the alias`() throws {
        let text = "broker: {url: &url x}\nrules: [{user: *url, roles: &roles [a, b]}, {user: u, roles: *roles}]"
        let rules = try #require(try decode(text).rules)
        #expect(rules.map(\.user) == ["x", "u"])
        #expect(rules.map(\.roles) == [["a", "b"], ["a", "b"]])
        #expect(fault("broker: {url: *nothing}") == "test.yaml:1:15: has an alias of nothing: *nothing")
        #expect(fault("broker: &broker {url: *broker}").contains("has an alias of nothing"))
    }

    @Test func `a second document, a tag and a file that is too large are refused`() throws {
        #expect(fault("broker: {url: x}\n---\nbroker: {url: y}\n") == "test.yaml:2:1: has more than one document")
        #expect(fault("broker: {url: !!binary eA==}").hasPrefix("test.yaml:1:15: has the tag tag:yaml.org,2002:binary"))
        #expect(fault("broker: {url: x}\n" + String(repeating: "#", count: 1 << 20)).contains("is larger than 1048576"))
    }

    @Test func `a missing file and a folder are named`() {
        for path in ["/nonexistent/x.yaml", "/"] {
            #expect(throws: InvalidYAML.self) { try StrictYAML.read(Settings.self, path: path) }
        }
    }

    @Test(arguments: ["30s": 30, "15m": 900, "12h": 43_200, "7d": 604_800, "0s": 0])
    func `durations carry a unit`(text: String, seconds: Int64) {
        #expect(ConfiguredDuration(text)?.seconds == seconds)
    }

    @Test(arguments: ["", "s", "30", "-1s", "1.5h", "30S", "1w", "99999999999999999999s", "9223372036854775807d", "１s"])
    func `anything else is no duration`(text: String) {
        #expect(ConfiguredDuration(text) == nil)
    }
}
