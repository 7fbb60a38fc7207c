package import FoundationEssentials
import Glibc
package import Logging
import ServiceLifecycle
import Subprocess
import UnixSignals

/// One run of the sandbox, from the first file to the last child's end.
package struct SandboxRun: Sendable {
    package struct Options: Sendable {
        package var stateDirectory: String
        package var settings: LocalServices.Settings
        package var user: SampleUser
        /// Where `stsbroker-server` and `stsbrokerd` are; nothing to run the stand-ins only.
        package var programDirectory: String?

        package init(
            stateDirectory: String, settings: LocalServices.Settings = .init(), user: SampleUser = .developer,
            programDirectory: String?
        ) {
            self.stateDirectory = stateDirectory
            self.settings = settings
            self.user = user
            self.programDirectory = programDirectory
        }
    }

    let options: Options
    let logger: Logger
    let now: @Sendable () -> Date
    let clock: any Clock<Duration>

    package init(
        options: Options, logger: Logger, now: @escaping @Sendable () -> Date, clock: any Clock<Duration>
    ) {
        self.options = options
        self.logger = logger
        self.now = now
        self.clock = clock
    }

    /// Runs until SIGINT or SIGTERM, or until the task is cancelled. Throws when anything can't start or ends before that.
    package func run(whenReady: @escaping @Sendable (SandboxAddresses) -> Void) async throws {
        let state = try StateDirectory(options.stateDirectory)
        if let directory = options.programDirectory { try Self.checkPrograms(in: directory) }
        let local = try await LocalServices(
            settings: options.settings, state: state, logger: logger, now: now, clock: clock)
        let children: StartUp.Children?
        do {
            children = try options.programDirectory.map { try self.children(in: $0, local: local, state: state) }
        } catch {
            await local.close()
            throw error
        }
        let startUp = StartUp(local: local, state: state, children: children, clock: clock, whenReady: whenReady)
        let programs: [any Service] = children.map { [$0.broker, $0.daemon] } ?? []
        var configuration = ServiceGroupConfiguration(
            services: (local.services + programs + [startUp]).map {
                // Whatever ends early takes the rest down in order, and its error is the run's.
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: "\(type(of: $0))")
            },
            gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: configuration).run()
    }

    private static func checkPrograms(in directory: String) throws(SandboxError) {
        for name in ["stsbroker-server", "stsbrokerd"] where access("\(directory)/\(name)", X_OK) != 0 {
            throw .executableMissing(path: "\(directory)/\(name)")
        }
    }

    /// What would change the children's configuration behind the sandbox's back.
    private static func unwantedVariables() -> [Environment.Key: String?] {
        let named = [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "HTTP_PROXY",
            "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY",
            "all_proxy",
        ]
        let overrides = ProcessInfo.processInfo.environment.keys.filter { name in
            name.utf8.starts(with: "STSBROKER_SERVER_".utf8) || name.utf8.starts(with: "STSBROKERD_".utf8)
        }
        return Dictionary((named + overrides).map { (Environment.Key(stringLiteral: $0), nil) }) { first, _ in first }
    }

    private func children(
        in directory: String, local: LocalServices, state: StateDirectory
    ) throws -> StartUp.Children {
        let account = local.account
        let isKeyless = options.settings.isKeyless
        try state.write(ChildConfiguration.policies(account: account, isKeyless: isKeyless), to: "policies.yaml")
        try state.write(
            ChildConfiguration.broker(
                state: state, account: account, issuer: local.idpURL, stsURL: local.stsURL, brokerURL: local.brokerURL,
                isKeyless: isKeyless), to: "stsbroker-server.yaml")
        try state.write(
            ChildConfiguration.daemon(
                state: state, account: account, issuer: local.idpURL, brokerURL: local.brokerURL, userID: geteuid(),
                isKeyless: isKeyless), to: "stsbrokerd.yaml")
        let key = local.accessKeys.userKey
        let clean = Environment.inherit.updating(Self.unwantedVariables())
        let broker = try ChildProcess(
            name: "stsbroker-server", executable: "\(directory)/stsbroker-server",
            arguments: ["--config", state.file("stsbroker-server.yaml")],
            environment: isKeyless
                ? clean : clean.updating(["AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret]),
            state: state, log: "broker.log")
        let daemon = try ChildProcess(
            name: "stsbrokerd", executable: "\(directory)/stsbrokerd",
            arguments: ["--config", state.file("stsbrokerd.yaml")],
            environment: clean, state: state, log: "daemon.log")
        return StartUp.Children(broker: broker, daemon: daemon, user: options.user)
    }
}
