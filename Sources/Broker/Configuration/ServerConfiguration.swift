import Credentials
package import PolicyFiles
package import StrictYAML

/// `stsbroker-server.yaml`. Unknown keys are errors; each scalar outside a list can be overridden by an environment
/// variable (`STSBROKER_SERVER_AWS_REGION` for `aws.region`).
package struct ServerConfiguration: Decodable, Sendable {
    package let listen: ListenSection
    /// The SQLite file; a relative path starts at the configuration file.
    let database: String
    let policies: PoliciesSource
    /// The teams whose members may see how policies and teams are made and, where the API governs them, change them.
    let administrators: [String]?
    let aws: AWSSection
    package let issuers: IssuerList
    /// The teams whose members may read the audit trail.
    let auditors: [String]?
    let limits: LimitsSection?
    let notifications: NotificationsSection?
    let evaluator: EvaluatorSection?
    let web: WebSection?
    let metrics: MetricsSection?
    let audit: AuditSection?

    enum CodingKeys: String, CodingKey {
        case listen, database, policies, administrators, aws, issuers, auditors, limits, notifications, evaluator, web
        case metrics, audit
    }

    /// What the names of environment variables that override a setting start with.
    package static let environmentPrefix = "STSBROKER_SERVER"

    /// Reads and checks the file. Errors name file, line and column.
    package static func read(path: String, environment: [String: String]) throws(InvalidYAML) -> ServerConfiguration {
        try StrictYAML.read(
            ServerConfiguration.self, path: path, environment: environment, environmentPrefix: environmentPrefix)
    }
}

extension ServerConfiguration {
    /// A path from the file at `file`, which is where relative ones start.
    static func path(_ path: String, relativeTo file: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}

/// All files of a server, read and checked.
package struct LoadedConfiguration: Sendable {
    package let server: ServerConfiguration
    /// The configuration's own file.
    let path: String
    /// Empty where the API governs the policies.
    package let catalog: CheckedCatalog
    /// Absolute, or relative to the working directory; so is the next.
    package let databasePath: String
    /// `nil` where the API governs the policies.
    package let policiesPath: String?
    /// Where the signing keys are, if the broker is an OpenID provider.
    let signingKeysPath: String
    let notifications: LoadedNotifications
    /// The key of the evaluator's calls; `nil` if there is no evaluator.
    let evaluatorKey: Secret?
    /// `nil`: there are no pages.
    let web: WebSettings?
    /// `nil`: plain HTTP.
    let tls: TLSPaths?
    /// The file with the key that signs checkpoints; `nil`: beside the database.
    let auditKeyPath: String?

    /// Reads the configuration at `path` and the policies that it names.
    package init(path: String, environment: [String: String]) throws(InvalidYAML) {
        self.path = path
        server = try ServerConfiguration.read(path: path, environment: environment)
        databasePath = ServerConfiguration.path(server.database, relativeTo: path)
        policiesPath =
            if case .files(let policies) = server.policies {
                ServerConfiguration.path(policies, relativeTo: path)
            } else { nil }
        signingKeysPath =
            server.aws.webIdentity?.keyFile.map { ServerConfiguration.path($0, relativeTo: path) }
            ?? databasePath + ".signing-keys"
        try server.notifications?.check(server.aws.mode, file: path)
        notifications = try LoadedNotifications(server.notifications, relativeTo: path)
        evaluatorKey =
            if let file = server.evaluator?.keyFile {
                try SecretFile.signingKey(ServerConfiguration.path(file, relativeTo: path))
            } else { nil }
        web =
            if let section = server.web {
                try WebSettings(section, issuers: server.issuers, relativeTo: path)
            } else { nil }
        auditKeyPath = server.audit?.keyFile.map { ServerConfiguration.path($0, relativeTo: path) }
        if let auditKeyPath { _ = try AuditKeyFile.read(auditKeyPath) }
        tls = server.listen.tls.map { TLSPaths($0, relativeTo: path) }
        if let tls { _ = try ServerIdentity(TLSMaterial(tls)) }
        guard let policiesPath else {
            catalog = .empty
            return
        }
        catalog = try PolicyFile.read(path: policiesPath)
        try catalog.check(notifications.routing, file: policiesPath)
        try catalog.check(server.aws.mode, file: policiesPath)
    }
}
