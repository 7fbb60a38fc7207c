import ArgumentParser
import BrokerAPI
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange

struct ConfigureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configure",
        abstract: "Write the command line's own configuration, for which the broker's URL is enough.",
        discussion: """
            Asks the broker where its people sign in, and writes $XDG_CONFIG_HOME/stsbroker/config.yaml (~/.config by default). On \
            a terminal it asks for what no flag says.
            """)

    @Option(help: "The broker's URL; https, or http on loopback.")
    var broker: String?

    @Option(help: "The authorities that may have signed the broker's certificate, in PEM; by default the system's.")
    var caFile: String?

    @Option(help: "The certificate to present where the broker asks for one, in PEM.")
    var clientCertificate: String?

    @Option(help: "That certificate's key, in PEM.")
    var clientKey: String?

    @Option(help: "Which of the broker's identity providers, if it has several.")
    var issuer: String?

    @Option(help: "The daemon's control socket, if it isn't in its usual place.")
    var socket: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        do {
            let before = try ClientConfiguration.loaded()
            let url = try Self.checked(broker ?? Self.ask("The broker's URL", before.broker))
            let path = ClientConfiguration.path()
            let files = try brokerTLS(before)
            try await Session.run(DaemonOptions(socket: socket), brokerTLS: files) { session in
                let answer = try await BrokerClient(exchange: session.broker, baseURL: url).configuration()
                let provider = try choice(of: answer.issuers)
                let new = ClientConfiguration(
                    broker: url, caFile: files.authorities, clientCertificate: files.certificate, clientKey: files.key,
                    socket: socket ?? before.socket, issuer: provider.issuer, clientID: provider.clientID)
                try new.write(to: path)
                print(json ? try JSONText.of(new) : "\(path) is written: broker \(url), sign-in at \(provider.issuer).")
                await warn(of: session.daemon, provider)
            }
        } catch {
            throw CommandFailure.reported(error)
        }
    }

    private func brokerTLS(_ before: ClientConfiguration) throws -> BrokerTLSFiles {
        func absolute(_ path: String?) -> String? {
            path.map { $0.isEmpty || $0.hasPrefix("/") ? $0 : "\(FileManager.default.currentDirectoryPath)/\($0)" }
        }
        let files = BrokerTLSFiles(
            authorities: absolute(caFile) ?? before.caFile,
            certificate: absolute(clientCertificate) ?? before.clientCertificate,
            key: absolute(clientKey) ?? before.clientKey)
        guard (files.certificate == nil) == (files.key == nil) else {
            throw ConfigurationFault(message: "--client-certificate and --client-key go together.")
        }
        try files.check()
        return files
    }

    private func choice(of issuers: [BrokerConfiguration.Issuer]) throws -> BrokerConfiguration.Issuer {
        guard let first = issuers.first else {
            throw ConfigurationFault(
                message: "The broker names no client for the command line: its operator sets cli_client_id.")
        }
        if let issuer {
            guard let found = issuers.first(where: { $0.issuer == issuer }) else {
                throw ConfigurationFault(
                    message: "The broker doesn't know the identity provider \(Excerpt.quoted(issuer)).")
            }
            return found
        }
        guard issuers.count > 1 else { return first }
        let list = issuers.map(\.issuer)
        for (index, issuer) in list.enumerated() { tell("  \(index + 1)  \(Excerpt.line(issuer))") }
        let text = try Self.ask("Which identity provider", "1")
        guard let number = Int(text), issuers.indices.contains(number - 1) else {
            throw ConfigurationFault(message: "That is none of them; name one with --issuer.")
        }
        return issuers[number - 1]
    }

    private static func ask(_ question: String, _ proposal: String?) throws -> String {
        guard Terminal.isTerminal(STDIN_FILENO) else {
            throw ConfigurationFault(
                message: "\(question) is not given, and there is no terminal to ask: use the flag.")
        }
        let answer = Terminal.answer(to: question + (proposal.map { " [\($0)]" } ?? "") + ":") ?? ""
        guard let text = answer.isEmpty ? proposal : answer else {
            throw ConfigurationFault(message: "\(question) is needed.")
        }
        return text
    }

    /// Without the slashes at its end.
    static func checked(_ text: String) throws(ConfigurationFault) -> String {
        let url = String(text.reversed().drop { $0 == "/" }.reversed())
        let parts = URLComponents(string: url)
        let isSecure = parts?.scheme == "https" || parts?.scheme == "http" && LoopbackHost.contains(parts?.host ?? "")
        guard let parts, isSecure, !(parts.host ?? "").isEmpty, parts.user == nil, parts.query == nil,
            parts.fragment == nil
        else {
            throw ConfigurationFault(
                message:
                    "\(Excerpt.quoted(text)) is no broker's URL: it is https, or http on loopback, without user or query."
            )
        }
        return url
    }

    /// The daemon has its own configuration, which must fit.
    private func warn(of daemon: DaemonClient, _ provider: BrokerConfiguration.Issuer) async {
        guard let status = try? await daemon.status() else {
            return tell(
                "No daemon is running here; stsbrokerd.yaml needs this broker, issuer and client_id \(provider.clientID)."
            )
        }
        guard status.provider.issuer != provider.issuer || status.provider.clientID != provider.clientID else { return }
        tell(
            "Warning: the daemon signs people in at \(Excerpt.line(status.provider.issuer)); its stsbrokerd.yaml must fit the broker."
        )
    }
}

/// What the command line was told can't be used; a sentence.
struct ConfigurationFault: Error, Equatable {
    let message: String
}
