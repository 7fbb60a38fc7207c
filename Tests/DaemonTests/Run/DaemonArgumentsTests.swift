import CallerIdentity
import Foundation
import Glibc
import Logging
import Testing

@testable import Daemon

@Suite struct DaemonArgumentsTests {
    @Test func `without arguments the daemon runs from its usual configuration`() throws {
        #expect(try DaemonArguments.wish(in: []) == .run(DaemonArguments()))
        #expect(DaemonArguments().config == nil)
        #expect(DaemonArguments.usualConfig == "/etc/stsbroker/stsbrokerd.yaml")
    }

    @Test(arguments: [
        ["--config", "/a", "--check-config", "--log-level", "debug", "--explain-caller", "7"],
        ["--explain-caller=7", "--log-level=debug", "--check-config", "--config=/b", "--config=/a"],
    ])
    func `options may have their values behind them or behind an equals sign, and the last one counts`(
        arguments: [String]
    ) throws {
        var expected = DaemonArguments()
        expected.config = "/a"
        expected.checkConfig = true
        expected.logLevel = .debug
        expected.explainCaller = .process(7)
        #expect(try DaemonArguments.wish(in: arguments) == .run(expected))
    }

    @Test func `a health check is asked for by its name alone`() throws {
        var expected = DaemonArguments()
        expected.checkHealth = true
        #expect(try DaemonArguments.wish(in: ["--check-health"]) == .run(expected))
        #expect(throws: WrongArguments.self) { try DaemonArguments.wish(in: ["--check-health=yes"]) }
    }

    @Test func `a value may be empty, hold an equals sign, or be an address`() throws {
        guard case .run(let read) = try DaemonArguments.wish(in: ["--config=", "--explain-caller", "192.0.2.1"]) else {
            Issue.record("it does not run")
            return
        }
        #expect(read.config == "")
        #expect(read.explainCaller == .address(try #require(IPAddress("192.0.2.1"))))
        guard case .run(let read) = try DaemonArguments.wish(in: ["--config=a=b"]) else {
            Issue.record("it does not run")
            return
        }
        #expect(read.config == "a=b")
    }

    @Test(arguments: [(["--help"], DaemonArguments.Wish.showHelp), (["-h"], .showHelp), (["--version"], .showVersion)])
    func `help and version are shown`(arguments: [String], wish: DaemonArguments.Wish) throws {
        #expect(try DaemonArguments.wish(in: arguments) == wish)
    }

    @Test(arguments: [
        (["--nonsense"], WrongArguments.unknownOption("--nonsense")), (["-c"], .unknownOption("-c")),
        (["x"], .unexpected("x")),
        (["--check-config=yes"], .unknownOption("--check-config=yes")), (["--help=x"], .unknownOption("--help=x")),
        (["--config"], .missingValue(option: "--config")),
        (["--config", "--check-config"], .missingValue(option: "--config")),
        (["--log-level", "loud"], .value("loud", option: "--log-level <level>")),
        (["--explain-caller", "me"], .value("me", option: "--explain-caller <pid|address>")),
        (["--explain-caller", "127.0.0.1"], .value("127.0.0.1", option: "--explain-caller <pid|address>")),
        ([""], .unexpected("")),
    ])
    func `what is not understood is refused by name`(arguments: [String], error: WrongArguments) {
        #expect(throws: error) { try DaemonArguments.wish(in: arguments) }
    }

    @Test func `the help and the manual page name every option`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/man/stsbrokerd.8")
        let manual = try String(contentsOf: page, encoding: .utf8)
        for option in ["config", "check-config", "check-health", "explain-caller", "log-level", "version", "help"] {
            #expect(DaemonArguments.help.contains("\n  --\(option)") || DaemonArguments.help.contains(", --\(option)"))
            #expect(manual.contains("Fl Fl \(option)"))
        }
    }
}

@Suite struct ProcessEnvironmentTests {
    @Test func `the environment is what this process was given`() {
        #expect(ProcessEnvironment.variables["PATH"] == String(cString: getenv("PATH")))
        #expect(!ProcessEnvironment.variables.keys.contains(""))
    }
}
