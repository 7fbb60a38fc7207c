import DaemonAPI
import FoundationEssentials
import ServiceLifecycle

/// Waits until everything answers, signs the sample user in, writes the files that others wait for, and says so. Then it
/// stays until the sandbox stops.
struct StartUp: Service {
    /// How long the broker and the daemon may take.
    private static let patience: Duration = .seconds(30)

    let local: LocalServices
    let state: StateDirectory
    let children: Children?
    let clock: any Clock<Duration>
    /// Gets the addresses when all is ready.
    let whenReady: @Sendable (SandboxAddresses) -> Void

    /// The product's programs, unless only the stand-ins run.
    struct Children: Sendable {
        var broker: ChildProcess
        var daemon: ChildProcess
        var user: SampleUser
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await start() }
            try await gracefulShutdown()
        } catch is CancellationError {}
        state.remove("sandbox.json")
    }

    private func start() async throws {
        var addresses = try await local.waitUntilUp(state: state)
        if let children {
            try await complete(&addresses, with: children)
            try state.write(ShellEnvironment.containers(addresses).script, to: "env")
            try state.write(ShellEnvironment.instanceMetadata(addresses).script, to: "env.imds")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try state.write(String(decoding: try encoder.encode(addresses), as: UTF8.self) + "\n", to: "sandbox.json")
        whenReady(addresses)
    }

    private func complete(_ addresses: inout SandboxAddresses, with children: Children) async throws {
        addresses.brokerPID = try await children.broker.started.value()
        addresses.daemonPID = try await children.daemon.started.value()
        addresses.brokerLog = state.file(children.broker.log)
        addresses.daemonLog = state.file(children.daemon.log)
        let broker = ChildSocket(path: state.file("broker.sock"))
        let daemon = ChildSocket(path: state.file("control.sock"))
        _ = try await answer(of: children.broker) { await broker.isHealthy(at: "/healthz") ? true : nil }
        let status = try await answer(of: children.daemon) { await daemon.daemonStatus() }
        try await signIn(children, at: daemon)
        addresses.user = children.user.name
        addresses.daemonSocket = daemon.path
        addresses.containerSocket = status.listeners.first { $0.name == "containers-unix" }?.address
        guard let imds = status.listeners.first(where: { $0.name == "imds" }),
            let containers = status.listeners.first(where: { $0.name == "containers" })
        else {
            throw SandboxError.notReady(
                name: children.daemon.name, log: state.file(children.daemon.log), problem: "a listener is missing")
        }
        addresses.imdsURL = "http://\(imds.address)/"
        addresses.containerURL = "http://\(containers.address)/role/developer"
        addresses.tokenFile = containers.tokenFile
    }

    private func signIn(_ children: Children, at daemon: ChildSocket) async throws {
        let client = RegisteredClient.stsbroker.id
        let tokens = try await local.tokens.signIn(children.user, clientID: client)
        let signIn = SignIn(
            issuer: local.idpURL, clientID: client, idToken: tokens.idToken, refreshToken: tokens.refreshToken)
        if let problem = try await daemon.signIn(signIn) {
            throw SandboxError.notReady(
                name: children.daemon.name, log: state.file(children.daemon.log), problem: problem)
        }
    }

    private func answer<Answer: Sendable>(
        of child: ChildProcess, asking ask: () async -> Answer?
    ) async throws -> Answer {
        let step = Duration.milliseconds(100)
        for _ in 0..<Int(Self.patience / step) {
            if let answer = await ask() { return answer }
            try await clock.sleep(for: step)
        }
        throw SandboxError.notReady(
            name: child.name, log: state.file(child.log), problem: "no answer within \(Self.patience)")
    }
}
