package import FoundationEssentials
import Hummingbird
package import Logging
package import ServiceLifecycle

/// The sandbox's own servers, bound and ready to run: identity provider and STS on Unix sockets in the state directory,
/// a fault proxy with a port before each of them and before the broker, and the control endpoint.
package struct LocalServices: Sendable {
    package struct Settings: Sendable {
        package var sessionLifetime: Duration?
        package var idTokenLifetime: Duration
        package var rotatesRefreshTokens: Bool
        /// Whether the broker has no key of the account, and its roles trust the broker's own tokens.
        package var isKeyless: Bool

        package init(
            sessionLifetime: Duration? = nil, idTokenLifetime: Duration = .seconds(3600),
            rotatesRefreshTokens: Bool = false, isKeyless: Bool = false
        ) {
            self.isKeyless = isKeyless
            self.sessionLifetime = sessionLifetime
            self.idTokenLifetime = idTokenLifetime
            self.rotatesRefreshTokens = rotatesRefreshTokens
        }
    }

    package let account: SampleAccount
    package let accessKeys: AccessKeys
    package let tokens: TokenIssuer
    package let board: FaultBoard
    package let idpURL: String
    package let stsURL: String
    package let brokerURL: String
    private let servers: [any Service]
    private let proxies: [FaultProxy]
    private let isProviderUp: Announcement<Void>
    private let isSTSUp: Announcement<Void>
    private let controlPort: Announcement<Int>

    package init(
        settings: Settings, state: StateDirectory, logger: Logger, now: @escaping @Sendable () -> Date,
        clock: any Clock<Duration>
    ) async throws {
        let keys = try await SigningKeys()
        account = settings.isKeyless ? .keyless() : .standard()
        accessKeys = AccessKeys(account: account)
        let board = FaultBoard(now: now)
        (isProviderUp, isSTSUp, controlPort) = (Announcement(), Announcement(), Announcement())
        func proxy(_ target: FaultTarget) async throws -> FaultProxy {
            let socket = state.file("\(target.rawValue).sock")
            return try await FaultProxy.bind(target, backend: .unixSocket(socket), board: board, clock: clock)
        }
        let (idp, sts, broker) = (try await proxy(.idp), try await proxy(.sts), try await proxy(.broker))
        proxies = [idp, sts, broker]
        self.board = board
        (idpURL, stsURL, brokerURL) = (idp.url, sts.url, broker.url)
        tokens = TokenIssuer(
            settings: TokenIssuer.Settings(
                issuer: idpURL, idTokenLifetime: settings.idTokenLifetime,
                rotatesRefreshTokens: settings.rotatesRefreshTokens),
            keys: keys, now: now)
        let tokenService = SecurityTokenService(
            account: account, keys: accessKeys, providerKeys: keys, issuer: idpURL,
            broker: settings.isKeyless ? brokerURL : nil, lifetimeLimit: settings.sessionLifetime, now: now)
        let control = ControlEndpoint(board: board, accessKeys: accessKeys, tokens: tokens)
        servers = [
            Application(
                router: IdentityProvider(tokens: tokens).router(),
                configuration: ApplicationConfiguration(
                    address: .unixDomainSocket(path: state.file("idp.sock"))),
                onServerRunning: { [isProviderUp] _ in isProviderUp.announce(()) }, logger: logger),
            Application(
                responder: tokenService,
                configuration: ApplicationConfiguration(
                    address: .unixDomainSocket(path: state.file("sts.sock"))),
                onServerRunning: { [isSTSUp] _ in isSTSUp.announce(()) }, logger: logger),
            Application(
                router: control.router(),
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { [controlPort] in controlPort.announce($0.localAddress?.port ?? 0) }, logger: logger),
        ]
    }

    /// In the order in which they start; all have to be run, or closed.
    package var services: [any Service] { servers + proxies }

    /// Frees the ports of services that are never run.
    package func close() async {
        for proxy in proxies { await proxy.close() }
    }

    /// Waits until all answer. For one task only.
    package func waitUntilUp(state: StateDirectory) async throws -> SandboxAddresses {
        try await isProviderUp.value()
        try await isSTSUp.value()
        let port = try await controlPort.value()
        return SandboxAddresses(
            pid: ProcessInfo.processInfo.processIdentifier, stateDirectory: state.path,
            controlURL: "http://127.0.0.1:\(port)", idpURL: idpURL, stsURL: stsURL, brokerURL: brokerURL,
            region: account.region, accountID: account.id, accessKeyID: accessKeys.userKey.id,
            secretAccessKey: accessKeys.userKey.secret)
    }
}
