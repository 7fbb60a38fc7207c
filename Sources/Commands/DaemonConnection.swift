import ArgumentParser
import DaemonAPI
import FoundationEssentials
import HTTPExchange

/// Where the daemon's control socket is; every verb takes it.
struct DaemonOptions: ParsableArguments {
    @Option(help: "The daemon's control socket.")
    var socket: String?

    init() {}

    init(socket: String?) { self.socket = socket }

    /// The flag, else the environment, else what stsbroker configure was told, else the user's own daemon, else the system's.
    func path(in environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let socket { return socket }
        if let path = environment["STSBROKER_SOCKET"], !path.isEmpty { return path }
        if let path = try? ClientConfiguration.loaded(from: ClientConfiguration.path(in: environment)).socket {
            return path
        }
        if let directory = environment["XDG_RUNTIME_DIR"], !directory.isEmpty {
            let path = "\(directory)/stsbrokerd/control.sock"
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        return "/run/stsbrokerd/control.sock"
    }
}

/// What a verb talks through, open while the verb runs.
struct Session: Sendable {
    let daemon: DaemonClient
    let exchange: HTTPExchange
    let http: HTTPClient

    /// Runs `body`, ends with the exit status of ``CommandFailure`` if it fails.
    static func run(_ options: DaemonOptions, _ body: (Session) async throws -> Void) async throws {
        let http = HTTPClient()
        let exchange = HTTPExchange(http: http, timeout: .seconds(30))
        let daemon = DaemonClient(exchange: exchange, socketPath: options.path())
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ProgressLine.shared.appear("Waiting for an answer") }
                defer {
                    group.cancelAll()
                    ProgressLine.shared.clear()
                }
                try await body(Session(daemon: daemon, exchange: exchange, http: http))
            }
        } catch {
            await http.shutdown()
            throw CommandFailure.reported(error)
        }
        await http.shutdown()
    }
}
