import ArgumentParser
import BrokerAPI
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
    /// With the broker only: by the authorities and the certificate that are configured for it.
    let broker: HTTPExchange
    /// With everybody else.
    let http: HTTPClient

    /// A list of ten thousand policies is a few megabytes.
    private static func exchange(_ http: HTTPClient) -> HTTPExchange {
        HTTPExchange(http: http, timeout: .seconds(30), maximumAnswerBytes: 8 << 20)
    }

    /// Runs `body`, ends with the exit status of ``CommandFailure`` if it fails.
    ///
    /// - Parameter files: instead of what `config.yaml` says; read when the broker is called.
    static func run(
        _ options: DaemonOptions, brokerTLS files: BrokerTLSFiles? = nil,
        _ body: (Session) async throws -> Void
    ) async throws {
        let http = HTTPClient()
        let brokerHTTP = HTTPClient { try (files ?? ClientConfiguration.loaded().brokerTLS).material() }
        let session = Session(
            daemon: DaemonClient(exchange: exchange(http), socketPath: options.path()), broker: exchange(brokerHTTP),
            http: http)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ProgressLine.shared.appear("Waiting for an answer") }
                defer {
                    group.cancelAll()
                    ProgressLine.shared.clear()
                }
                try await body(session)
            }
        } catch {
            await http.shutdown()
            await brokerHTTP.shutdown()
            throw CommandFailure.reported(error)
        }
        await http.shutdown()
        await brokerHTTP.shutdown()
    }
}
