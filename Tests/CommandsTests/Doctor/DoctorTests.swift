import DaemonAPI
import Foundation
import Glibc
import Testing

@testable import Commands

@Suite struct DoctorTests {
    private func status(_ addresses: String...) -> DaemonStatus {
        DaemonStatus(
            version: "1", brokerURL: "https://b", provider: ProviderStatus(issuer: "i", clientID: "c", scopes: []),
            signIn: SignInStatus(state: .signedIn, subject: "ana"),
            listeners: addresses.map { ListenerStatus(name: "c", face: "container", address: $0) }, roles: [])
    }

    private func levels(_ findings: [Finding]) -> [Finding.Level] { findings.map(\.level) }

    @Test(
        arguments: [
            ([:], [.ok]), (["HTTP_PROXY": ""], [.ok]), (["HTTP_PROXY": "p"], [.problem, .problem]),
            (["http_proxy": "p", "no_proxy": "127.0.0.1", "NO_PROXY": "a, 127.0.0.1"], []),
            (["http_proxy": "p", "no_proxy": "*", "NO_PROXY": "127.0.0.10"], [.problem]),
        ] as [([String: String], [Finding.Level])])
    func `a proxy that would swallow the calls is found`(environment: [String: String], found: [Finding.Level]) {
        #expect(levels(EnvironmentChecks.proxies(environment, hosts: ["127.0.0.1"])) == found)
    }

    @Test func `what outranks the endpoint is named with how to take it away, but never shown`() {
        let keys = EnvironmentChecks.keys(["AWS_ACCESS_KEY_ID": "AKIASECRET", "AWS_PROFILE": "x", "PATH": "/"])
        #expect(keys.map(\.mend) == ["unset AWS_ACCESS_KEY_ID AWS_PROFILE"])
        #expect(!keys[0].what.contains("AKIASECRET"))
        #expect(levels(EnvironmentChecks.keys([:])) == [.ok])
        for (text, level) in [
            ("[default]\naws_access_key_id = x", Finding.Level.problem), ("[default]\nregion = x", .ok),
            ("[other]\naws_access_key_id = x", .ok), ("[default]\ncredential_process = x", .problem),
        ] {
            #expect(EnvironmentChecks.profiles(.config, path: "/f", contents: Array(text.utf8)).level == level)
        }
        #expect(EnvironmentChecks.profiles(.config, path: "/f", contents: nil).level == .ok)
    }

    @Test func `an endpoint that is another's is found`() {
        let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        func level(_ value: String?) -> [Finding.Level] {
            levels(EnvironmentChecks.endpoints(value.map { [name: $0] } ?? [:], status: status("127.0.0.1:99")))
        }
        #expect(level(nil) == [.warning])
        #expect(level("http://127.0.0.1:99/role/dev") == [.ok])
        #expect(level("http://127.0.0.1:98/role/dev") == [.problem])
        #expect(level("nonsense") == [.problem])
    }

    @Test func `a container bridge is told of where nothing listens on it`() {
        #expect(levels(EnvironmentChecks.bridges(["lo", "docker0"], status: status("127.0.0.1:99"))) == [.warning])
        #expect(EnvironmentChecks.bridges(["lo", "docker0"], status: status("172.17.0.1:99")).isEmpty)
        #expect(EnvironmentChecks.bridges(["lo", "docker0"], status: status("0.0.0.0:99")).isEmpty)
        #expect(EnvironmentChecks.bridges(["lo", "eth0"], status: status("127.0.0.1:99")).isEmpty)
    }

    @Test(
        arguments: [
            ("token", 0o600, .ok), ("token\n", 0o600, .problem), ("", 0o600, .problem), ("token", 0o644, .problem),
        ] as [(String, mode_t, Finding.Level)])
    func `a token file that SDKs or others would trip over is found`(text: String, mode: mode_t, level: Finding.Level)
        throws
    {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(MachineChecks.tokenFile(file.path, user: geteuid()).level == .problem)
        try Data(text.utf8).write(to: file)
        chmod(file.path, mode)
        #expect(MachineChecks.tokenFile(file.path, user: geteuid()).level == level)
        chmod(file.path, mode | 0o004)
        #expect(MachineChecks.tokenFile(file.path, user: geteuid() + 1).level == .problem)
    }

    @Test func `sign-ins that ended, end soon or are locked away are found`() {
        var status = status()
        #expect(MachineChecks.signIn(status).level == .ok && MachineChecks.lock(status).isEmpty)
        status.signIn.endsSoon = "2026-01-01T00:00:00Z"
        status.isLocked = true
        #expect(MachineChecks.signIn(status).level == .warning && levels(MachineChecks.lock(status)) == [.problem])
        status.signIn.state = .signInRequired
        #expect(MachineChecks.signIn(status).mend == "stsbroker login")
    }

    @Test(arguments: [(0.0, .ok), (30, .ok), (-31, .problem), (90, .problem)] as [(Double, Finding.Level)])
    func `clocks that differ are found`(seconds: Double, level: Finding.Level) {
        #expect(MachineChecks.clock(aheadBy: seconds).level == level)
        #expect(
            level == .ok || MachineChecks.clock(aheadBy: seconds).what.contains(seconds > 0 ? "behind" : "ahead of"))
    }

    @Test func `the date of an answer is read`() {
        #expect(HTTPDate.date("Sun, 06 Nov 1994 08:49:37 GMT")?.timeIntervalSince1970 == 784_111_777)
        for text in [
            "", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        ] {
            #expect(HTTPDate.date(text) == nil)
        }
    }

    @Test func `who listens on a port is read from the kernel's table`() throws {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:26B7 00000000:0000 01 00000000:00000000 00:00000000 00000000     5        0 11 1
               1: 0100007F:26B7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1
            """
        let entry = try #require(PortOwner.entry(of: 9911, in: table))
        #expect(entry.userID == 1000 && entry.inode == "4242")
        #expect(PortOwner.entry(of: 9912, in: table) == nil)
    }

    @Test func `each finding is one line with its mend, and nothing in it steers the terminal`() {
        let findings = [Finding.ok("a", "b."), .problem("c", "d\u{1B}[2J.", mend: "e")]
        #expect(FindingText.of(findings, colours: false) == "ok      a: b.\nPROBLEM c: d\u{FFFD}[2J. To mend it: e")
    }
}
