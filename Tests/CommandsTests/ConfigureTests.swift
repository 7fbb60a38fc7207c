import ArgumentParser
import BrokerAPI
import Foundation
import StrictYAML
import Testing

@testable import Commands

@Suite struct ConfigureTests {
    @Test(arguments: ["https://b.example", "https://b.example/base//", "http://127.0.0.1:8080", "http://localhost/"])
    func `a broker is https, or http on loopback`(url: String) throws {
        #expect(try url.hasPrefix(ConfigureCommand.checked(url)))
    }

    @Test(
        arguments: [
            "", "b.example", "http://b.example", "https://", "ftp://b", "https://u:p@b", "https://b?x=1", "https://b#x",
        ])
    func `anything else is refused`(url: String) {
        #expect(throws: ConfigurationFault.self) { try ConfigureCommand.checked(url) }
    }

    @Test func `no sign-in goes to a broker in clear, whoever names it`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "configure-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        var environment = ["XDG_CONFIG_HOME": folder.path]
        #expect(try BrokerOptions.parse([]).givenURL(in: environment) == nil)
        let flag = try BrokerOptions.parse(["--broker", "http://b.example"])
        #expect(throws: ConfigurationFault.self) { try flag.givenURL(in: environment) }
        try ClientConfiguration(broker: "http://b.example").write(to: ClientConfiguration.path(in: environment))
        #expect(throws: ConfigurationFault.self) { try BrokerOptions.parse([]).givenURL(in: environment) }
        environment["STSBROKER_URL"] = "http://b.example"
        #expect(throws: ConfigurationFault.self) { try BrokerOptions.parse([]).givenURL(in: environment) }
        environment["STSBROKER_URL"] = "http://127.0.0.1:8080/"
        #expect(try BrokerOptions.parse([]).givenURL(in: environment) == "http://127.0.0.1:8080")
        #expect(try BrokerOptions.parse(["--broker", "https://b"]).givenURL(in: environment) == "https://b")
    }

    @Test func `what is written is read again, and is for its owner only`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "configure-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = ClientConfiguration.path(in: ["XDG_CONFIG_HOME": folder.path])
        #expect(path == folder.appending(path: "stsbroker/config.yaml").path)
        #expect(try ClientConfiguration.loaded(from: path) == ClientConfiguration())
        let configuration = ClientConfiguration(
            broker: "https://b", socket: "/run/a \"b\": c", issuer: "https://i", clientID: "é#c")
        try configuration.write(to: path)
        #expect(try ClientConfiguration.loaded(from: path) == configuration)
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
        try Data("brocker: x".utf8).write(to: URL(filePath: path))
        #expect(throws: InvalidYAML.self) { try ClientConfiguration.loaded(from: path) }
    }

    @Test func `the file is in the home folder where XDG says nothing that can be meant`() {
        for environment in [
            ["HOME": "/h"], ["HOME": "/h", "XDG_CONFIG_HOME": ""], ["HOME": "/h", "XDG_CONFIG_HOME": "x"],
        ] {
            #expect(ClientConfiguration.path(in: environment) == "/h/.config/stsbroker/config.yaml")
        }
    }
}

@Suite struct RequestQuestionsTests {
    private let policies = ["dev", "admin"].map {
        PolicySummary(id: $0, description: "d", account: "1", risk: 1, maximumDurationSeconds: 60)
    }

    private func completed(_ call: RequestCall, _ answers: String?..., asksForPolicy: Bool = true) throws -> RequestCall
    {
        var (call, rest) = (call, answers)
        let questions = RequestQuestions(policies: policies) { _ in rest.isEmpty ? nil : rest.removeFirst() }
        try questions.complete(&call, asksForPolicy: asksForPolicy)
        #expect(rest.isEmpty)
        return call
    }

    @Test func `what isn't given is asked for, by number or by name`() throws {
        let empty = RequestCall(policy: "")
        #expect(
            try completed(empty, "2", "1h", " why ")
                == RequestCall(policy: "admin", durationSeconds: 3600, reason: "why"))
        #expect(try completed(empty, "dev", "", "") == RequestCall(policy: "dev"))
        let given = RequestCall(policy: "dev", durationSeconds: 60, reason: "r")
        #expect(try completed(given, asksForPolicy: false) == given)
    }

    @Test func `an end of input, or what there isn't, asks for nothing`() {
        for answers: [String?] in [[nil], ["3"], ["x"], ["0"], ["1", "soon"], ["1", "1h", nil]] {
            var rest = answers
            var call = RequestCall(policy: "")
            #expect(throws: ConfigurationFault.self) {
                try RequestQuestions(policies: policies) { _ in rest.removeFirst() }.complete(
                    &call, asksForPolicy: true)
            }
        }
    }
}
