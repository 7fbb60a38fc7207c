import ArgumentParser
import BrokerAPI
import Credentials
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange
import OIDC

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what keeps programs from their credentials, and say how to mend it.",
        discussion: """
            Walks the way that SDKs walk, on each listener, and looks at the environment, AWS's files, the machine, the broker and the \
            identity provider. Exit status: 1 if there is a problem.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Also write what helps others to help you into that file; no secret is in it.", valueName: "file"))
    var support: String?

    func run() async throws {
        var findings: [Finding] = []
        var status: DaemonStatus?
        try await Session.run(daemon) { session in
            do {
                let told = try await session.daemon.status()
                status = told
                findings = await Self.findings(told, session)
            } catch {
                findings = Self.withoutDaemon(error, socket: daemon.path())
            }
        }
        print(json ? try JSONText.of(findings) : FindingText.of(findings, colours: Terminal.hasColours))
        if let support { try write(SupportBundle(findings: findings, status: status), to: support) }
        if findings.contains(where: { $0.level == .problem }) { throw CommandFailure.failed }
    }

    private static func findings(_ status: DaemonStatus, _ session: Session) async -> [Finding] {
        let environment = ProcessInfo.processInfo.environment
        let hosts = Set(status.listeners.compactMap(\.host)).sorted()
        var findings = [Finding.ok("daemon", "stsbrokerd \(status.version) answers.")]
        findings += [MachineChecks.signIn(status)] + MachineChecks.lock(status)
        if let file = status.listeners.compactMap(\.tokenFile).first {
            findings.append(MachineChecks.tokenFile(file, user: geteuid()))
        }
        let role = status.roles.first(where: \.isDefault) ?? status.roles.first { $0.isListed != true }
        findings += status.listeners.map { EndpointProbe.findings($0, role: role?.name) }
        findings += EnvironmentChecks.proxies(environment, hosts: hosts)
        findings += EnvironmentChecks.keys(environment) + EnvironmentChecks.endpoints(environment, status: status)
        findings += AWSFile.allCases.map { EnvironmentChecks.profiles($0, path: $0.path(), contents: $0.contents()) }
        findings += EndpointProbe.realInstanceMetadata(status)
        findings += EnvironmentChecks.bridges(MachineChecks.interfaces, status: status)
        return findings + (await RemoteChecks.findings(status, session))
    }

    /// Then the ports that programs are told may be somebody else's.
    private static func withoutDaemon(_ error: any Error, socket: String) -> [Finding] {
        let environment = ProcessInfo.processInfo.environment
        let reason = (error as? DaemonClientError).map(\.description) ?? "It can't be asked at \(socket)."
        var findings = [
            Finding.problem(
                "daemon", Excerpt.line(reason), mend: "start stsbrokerd, or name its control socket with --socket.")
        ]
        for name in ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"] {
            guard let authority = environment[name]?.split(separator: "/").dropFirst().first,
                case .ip(_, let port) = LocalAddress(String(authority)), let owner = PortOwner.of(port: port)
            else { continue }
            let program = owner.program ?? "a program of uid \(owner.userID)"
            findings.append(
                .warning(
                    "port \(port)", "\(program) listens where \(name) points.",
                    mend: "see what it is before you trust it."))
        }
        return findings + EnvironmentChecks.keys(environment)
    }

    private func write(_ bundle: SupportBundle, to path: String) throws {
        do throws(ProfileFileFault) {
            let text = (try? JSONText.of(bundle)) ?? "{}"
            try ReplacedFile.change(path, isSecret: true) { _ in Array("\(text)\n".utf8) }
        } catch {
            throw CommandFailure.reported(FileFailure(path: path, what: error.what))
        }
        tell("\(path) is written. Look through it before you pass it on: it names roles, addresses and your user name.")
    }
}

/// What a stranger needs to help: no key, token or value of a variable that could be one.
struct SupportBundle: Encodable {
    let version = Version.text
    let findings: [Finding]
    let status: DaemonStatus?
    /// The names only.
    let variables: [String]

    init(findings: [Finding], status: DaemonStatus?) {
        self.findings = findings
        self.status = status
        variables = ProcessInfo.processInfo.environment.keys
            .filter { $0.hasPrefix("AWS_") || $0.hasPrefix("STSBROKER") || $0.uppercased().hasSuffix("_PROXY") }
            .sorted()
    }
}

extension ListenerStatus {
    /// Without the port; `nil` for a Unix socket.
    fileprivate var host: String? {
        guard case .ip(let host, _) = LocalAddress(address) else { return nil }
        return host
    }
}
