import CallerIdentity
import Glibc
import Testing

@testable import Daemon

@Suite("Caller explanation")
struct CallerExplanationTests {
    private func settings() throws -> DaemonSettings {
        try Sample.settings(
            Sample.configuration(
                callers: """
                    - {group: developers, executable: /usr/bin/aws, roles: [developer]}
                      - {unit: backup.service, principal: ben, listeners: [imds], roles: [developer, readonly], default_role: readonly}
                      - {cgroup: /ci.slice, roles: [readonly]}
                    """))
    }

    private func caller(executable: String? = nil, controlGroup: String? = nil) -> Caller {
        var caller = Caller(userID: 1000, groupID: nil, processID: 4242)
        caller.groups = [1000, 2000]
        caller.processes = [ProcessFacts(processID: 4242, executable: executable, controlGroup: controlGroup)]
        return caller
    }

    @Test("It says which entry matches at which listener, and what keeps those before it from matching")
    func matches() throws {
        let backup = caller(executable: "/usr/bin/rsync", controlGroup: "/system.slice/backup.service")
        let lines = CallerExplanation(caller: backup, settings: try settings()).text.split(separator: "\n")
        #expect(
            lines == [
                "process 4242: uid 1000, groups 1000 2000, executable /usr/bin/rsync, unit backup.service, cgroup /system.slice/backup.service",
                "imds: callers[0] does not match: it is for the executable /usr/bin/aws",
                "imds: callers[1] matches: roles developer, readonly (default) with the sign-in of uid 1001",
                "containers: callers[0] does not match: it is for the executable /usr/bin/aws",
                "containers: callers[1] does not match: it is for the listeners imds",
                "containers: callers[2] does not match: it is for the cgroup /ci.slice",
                "containers: nothing, for no entry matches",
                "sockets: callers[0] does not match: it is for the executable /usr/bin/aws",
                "sockets: callers[1] does not match: it is for the listeners imds",
                "sockets: callers[2] does not match: it is for the cgroup /ci.slice",
                "sockets: nothing, for no entry matches",
            ])
    }

    @Test("Each acts with their own sign-in unless the entry names another")
    func ownSignIn() throws {
        let text = CallerExplanation(caller: caller(executable: "/usr/bin/aws"), settings: try settings()).text
        #expect(text.contains("imds: callers[0] matches: roles developer (default) with the sign-in of uid 1000"))
    }

    @Test("An address elsewhere is explained too")
    func address() throws {
        let settings = try Sample.settings(
            Sample.configuration(
                callers: """
                    - {user: ana, roles: [readonly]}
                      - {network: 10.1.0.0/16, principal: ana, roles: [readonly]}
                    """))
        let address = try #require(IPAddress("10.1.2.3"))
        let lines = CallerExplanation(address: address, settings: settings).text.split(separator: "\n").prefix(3)
        #expect(
            lines == [
                "address 10.1.2.3, not of this machine",
                "imds: callers[0] does not match: it is for processes of this machine",
                "imds: callers[1] matches: roles readonly (default) with the sign-in of uid 1000",
            ])
        #expect(settings.namedUsers == [1000])
        let local = CallerExplanation(caller: caller(), settings: settings).text
        #expect(!local.contains("callers[1] matches"))
    }

    @Test("This process can be explained, and one that does not exist can't")
    func processes() throws {
        let settings = try settings()
        #expect(CallerExplanation(processID: getpid(), settings: settings)?.text.contains("uid \(geteuid())") == true)
        #expect(CallerExplanation(processID: Int32.max, settings: settings) == nil)
    }
}
