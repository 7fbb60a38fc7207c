import TestSupport
import Testing

@testable import Daemon

@Suite struct HealthCheckTests {
    /// A daemon's sockets at `port` and in `folder`.
    private func settings(_ folder: TemporaryFolder, port: Int, more: String = "") throws -> DaemonSettings {
        let text = Sample.configuration(
            controlSocket: folder.file("control.sock"), tokenDirectory: folder.file("tokens"))
        return try Sample.settings(
            text.replacing("127.0.0.1:9912", with: "127.0.0.1:\(port)")
                .replacing(
                    "{name: sockets, face: container, unix: /run/x/c.sock, mode: \"0600\"}",
                    with: more.isEmpty ? "{name: any, face: imds, address: \"[::1]:0\"}" : more))
    }

    private func problem(_ settings: DaemonSettings) async throws -> [String] {
        let check = try HealthCheck(settings)
        do throws(Unhealthy) {
            try await check.run(within: .seconds(60))
            return []
        } catch {
            return error.silent
        }
    }

    @Test func `a daemon that answers is healthy, and who doesn't answer is named`() async throws {
        try await TemporaryFolder.with { folder in
            try await ScriptedServer.running { _ in
                .text("", status: 400)
            } _: { server in
                let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
                let settings = try settings(folder, port: port)
                #expect(try await problem(settings) == ["control (\(folder.file("control.sock")))"])
                // Something that answers like a daemon.
                try await RawServer.running(at: .unix(folder.file("control.sock"))) { _ in
                    .answer("HTTP/1.1 403 Forbidden\r\n\r\n")
                } _: { _ in
                    let answered = try await problem(settings)
                    #expect(answered.isEmpty)
                    let unheard = "{name: other, face: container, unix: \(folder.file("c.sock")), optional: false}"
                    #expect(
                        try await problem(self.settings(folder, port: port, more: unheard)) == [
                            "other (\(folder.file("c.sock")))"
                        ])
                    let optional = "{name: other, face: imds, address: \"192.0.2.1:80\", optional: true}"
                    #expect(try await problem(self.settings(folder, port: port, more: optional)).isEmpty)
                }
            }
        }
    }

    @Test func `the message says what to look at`() {
        #expect(
            Unhealthy(silent: ["a (127.0.0.1:1)", "control (/c)"]).description
                == "No answer from a (127.0.0.1:1), control (/c); does stsbrokerd run here, with this configuration?")
    }
}
