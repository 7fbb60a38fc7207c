import ArgumentParser
import FoundationEssentials
import Testing

@testable import Commands

@Suite struct DaemonOptionsTests {
    private func path(_ arguments: [String], _ environment: [String: String]) throws -> String {
        try DaemonOptions.parse(arguments).path(in: environment)
    }

    @Test func `the flag outranks the environment, and that outranks the user's own daemon`() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/options-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory + "/stsbrokerd", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var environment = ["XDG_RUNTIME_DIR": directory]
        #expect(try path([], environment) == "/run/stsbrokerd/control.sock")
        try Data().write(to: URL(filePath: directory + "/stsbrokerd/control.sock"))
        #expect(try path([], environment) == directory + "/stsbrokerd/control.sock")
        environment["STSBROKER_SOCKET"] = "/from/environment"
        #expect(try path([], environment) == "/from/environment")
        #expect(try path(["--socket", "/from/flag"], environment) == "/from/flag")
    }

    @Test func `empty variables count as unset`() throws {
        let environment = ["STSBROKER_SOCKET": "", "XDG_RUNTIME_DIR": ""]
        #expect(try path([], environment) == "/run/stsbrokerd/control.sock")
    }
}
