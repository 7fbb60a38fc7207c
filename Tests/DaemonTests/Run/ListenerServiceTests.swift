import CredentialCache
import DaemonAPI
import Foundation
import Glibc
import HTTPExchange
import MetadataServer
import NIOPosix
import OIDC
import TestSupport
import Testing

@testable import Daemon

@Suite("Listeners of the daemon")
struct ListenerServiceTests {
    private func settings(_ folder: TemporaryFolder, containers: String = "127.0.0.1:0") throws -> DaemonSettings {
        let text = Sample.configuration(
            controlSocket: folder.file("control.sock"), tokenDirectory: folder.file("tokens"),
            callers: "- {user: \(geteuid()), roles: [readonly]}"
        ).replacing("/run/x/c.sock", with: folder.file("c.sock")).replacing("127.0.0.1:9912", with: containers)
        return try Sample.settings(text)
    }

    private func service(_ settings: DaemonSettings, _ log: LogLines) -> ListenerService {
        let signIns = SignInStore(provider: FakeProvider(), now: { Date(timeIntervalSince1970: 0) }, logger: log.logger)
        return ListenerService(
            settings: CurrentSettings(settings), callers: CallerState(), signIns: signIns, cache: Sample.cache(),
            logger: log.logger,
            now: { Date(timeIntervalSince1970: 1_800_000_000) })
    }

    private func status(_ settings: DaemonSettings) async throws -> DaemonStatus {
        let http = HTTPClient()
        let result: Result<DaemonStatus, DaemonClientError>
        do throws(DaemonClientError) {
            let client = DaemonClient(
                exchange: HTTPExchange(http: http, timeout: .seconds(60)), socketPath: settings.controlSocket)
            result = .success(try await client.status())
        } catch {
            result = .failure(error)
        }
        await http.shutdown()
        return try result.get()
    }

    /// Waits until the service is ready. One that isn't within a minute is ended, and its reason thrown.
    private func ready(_ running: Task<Void, any Error>, _ log: LogLines) async throws {
        do {
            try await log.has("ready")
        } catch {
            running.cancel()
            try await running.value
            throw error
        }
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test("All open, answer, and leave nothing behind; a second daemon with the same files fails and harms nothing")
    func opensAndCloses() async throws {
        try await TemporaryFolder.with { folder in
            let settings = try settings(folder)
            let log = LogLines()
            let running = Task { [service = service(settings, log)] in try await service.run() }
            try await ready(running, log)
            let status = try await status(settings)
            #expect(status.listeners.map(\.name) == ["imds", "containers", "sockets"])
            #expect(status.listeners.allSatisfy { !$0.address.hasSuffix(":0") })
            let tokenFile = try #require(status.listeners.last?.tokenFile)
            let token = try String(contentsOfFile: tokenFile, encoding: .utf8)
            #expect(token.utf8.count == 43)
            let facts = try FileManager.default.attributesOfItem(atPath: settings.controlSocket)
            #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o600)

            var second = settings
            second.listeners.removeLast()
            await #expect(throws: ListenerError.inUse(listener: "control", address: settings.controlSocket)) {
                try await service(second, LogLines()).run()
            }
            #expect(try String(contentsOfFile: tokenFile, encoding: .utf8) == token)
            #expect(try await self.status(settings).listeners == status.listeners)

            running.cancel()
            try await running.value
            for path in [settings.controlSocket, folder.file("c.sock"), tokenFile] { #expect(!exists(path)) }
        }
    }

    @Test("If one can't open, none stays open", arguments: ["192.0.2.1:1"])
    func allOrNone(address: String) async throws {
        try await TemporaryFolder.with { folder in
            var settings = try settings(folder, containers: address)
            settings.listeners.reverse()
            await #expect(throws: ListenerError.self) { try await service(settings, LogLines()).run() }
            for name in ["c.sock", "control.sock", "tokens"] { #expect(!exists(folder.file(name))) }
        }
    }

    @Test("An IPv6 address that can't be had is left out with a warning, unless it must be there")
    func unavailableIPv6() async throws {
        try await TemporaryFolder.with { folder in
            let settings = try settings(folder, containers: "[2001:db8::1]:1")
            let log = LogLines()
            let running = Task { [service = service(settings, log)] in try await service.run() }
            try await ready(running, log)
            #expect(log.lines.contains { $0.hasPrefix("warning optional listener left out ") })
            #expect(try await status(settings).listeners.map(\.name) == ["imds", "sockets"])
            running.cancel()
            try await running.value
            let index = try #require(settings.listeners.firstIndex { $0.name == "containers" })
            var strict = settings
            strict.listeners[index].optional = false
            await #expect(throws: ListenerError.self) { try await service(strict, LogLines()).run() }
        }
    }

    @Test("Without a safe place for tokens nothing stays open")
    func unsafeTokens() async throws {
        try await TemporaryFolder.with { folder in
            let settings = try settings(folder)
            #expect(mkdir(folder.file("tokens"), 0o700) == 0 && chmod(folder.file("tokens"), 0o777) == 0)
            await #expect(throws: TokenFileFault.self) { try await service(settings, LogLines()).run() }
            for name in ["c.sock", "control.sock"] { #expect(!exists(folder.file(name))) }
        }
    }
}
