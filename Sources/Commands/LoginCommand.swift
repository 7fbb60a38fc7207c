import ArgumentParser
import Credentials
import DaemonAPI
import FoundationEssentials
import Glibc
import HTTPExchange
import OIDC

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Sign in with your identity provider and hand the sign-in to the daemon.",
        discussion: """
            Opens the browser (authorization code with PKCE) and waits for it at 127.0.0.1. With --device, or over SSH, \
            prints an address and a code to enter on any device instead. The tokens go to the daemon, which refreshes \
            them and keeps them as its state_directory says; stsbroker whoami tells.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Sign in on another device.")
    var device = false

    @Flag(inversion: .prefixedNo, help: "Open the browser.")
    var browser = true

    @Option(help: "The port of the redirect at 127.0.0.1, where the provider insists on one; 0 is any.")
    var port = 0

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            if let file = status.signIn.tokenFile {
                throw ConfigurationFault(
                    message: "The daemon acts for a workload, whose token is in \(file); nobody signs in.")
            }
            let provider = status.provider
            let metadata = try await ProviderDiscovery(http: session.http).metadata(of: provider.issuer)
            let endpoint = TokenEndpoint(http: session.http, metadata: metadata, clientID: provider.clientID)
            let tokens =
                if device || isRemote {
                    try await DeviceSignIn(endpoint: endpoint, scopes: provider.scopes).tokens()
                } else {
                    try await BrowserSignIn(
                        endpoint: endpoint, metadata: metadata, provider: provider, port: port, opensBrowser: browser
                    ).tokens()
                }
            try await session.daemon.signIn(SignIn(tokens, from: provider))
            let name = Excerpt.line(try UnverifiedIDToken(tokens.idToken).displayName)
            print(json ? try JSONText.of(["subject": name]) : "Signed in as \(name).")
        }
    }

    /// Over SSH a browser would open on the wrong machine.
    private var isRemote: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["SSH_CONNECTION"] != nil && environment["DISPLAY"] == nil
            && environment["WAYLAND_DISPLAY"] == nil
    }
}

extension SignIn {
    /// As it is handed to the daemon, which keeps the time: the lifetime is told as if it began now.
    init(_ tokens: TokenSet, from provider: ProviderStatus) {
        var expiresIn: Int?
        if case .limited(let lifetime) = tokens.refreshLifetime { expiresIn = Int(lifetime.components.seconds) }
        self.init(
            issuer: provider.issuer, clientID: provider.clientID, idToken: tokens.idToken.revealed(),
            refreshToken: tokens.refreshToken?.revealed(), refreshTokenExpiresIn: expiresIn)
    }
}
