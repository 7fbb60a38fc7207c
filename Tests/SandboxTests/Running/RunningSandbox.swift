import FoundationEssentials
import Glibc
import Logging
import Sandbox
import ServiceLifecycle

/// The sandbox's own servers on real sockets, inside the test's process.
struct RunningSandbox: Sendable {
    var addresses: SandboxAddresses
    var local: LocalServices
    var clock: MovableClock

    /// Starts, runs the body, stops.
    static func run(
        _ settings: LocalServices.Settings = .init(), _ body: @escaping @Sendable (RunningSandbox) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.use { directory in
            let state = try StateDirectory(directory)
            let clock = MovableClock()
            var logger = Logger(label: "sandbox-tests")
            logger.logLevel = .critical
            let local = try await LocalServices(
                settings: settings, state: state, logger: logger, now: clock.now, clock: ContinuousClock())
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: local.services, logger: logger))
            try await withThrowingTaskGroup(of: Result<Void, any Error>.self) { tasks in
                tasks.addTask { .success(try await group.run()) }
                tasks.addTask {
                    do {
                        let addresses = try await local.waitUntilUp(state: state)
                        try await body(RunningSandbox(addresses: addresses, local: local, clock: clock))
                        return .success(())
                    } catch {
                        return .failure(error)
                    }
                }
                // A server that can't start ends the wait for it; a body that fails doesn't keep the others from their end.
                var results: [Result<Void, any Error>] = []
                while let result = try await tasks.next() {
                    results.append(result)
                    await group.triggerGracefulShutdown()
                }
                for result in results { try result.get() }
            }
        }
    }
}

/// A directory with a short path, for Unix sockets; gone afterwards.
enum TemporaryDirectory {
    static func use<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        var template = Array("/tmp/sbx-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Unavailable() }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    struct Unavailable: Error {}
}
