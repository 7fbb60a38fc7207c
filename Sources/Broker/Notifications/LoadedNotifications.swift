import AWSAPI
import AccessControl
import Credentials
import HTTPExchange
import Logging
import PolicyFiles
import StrictYAML

/// The configured targets with their secrets.
struct LoadedNotifications: Sendable {
    let routing: NoticeRouting
    private let targets: [String: Target]

    private enum Target: Sendable {
        case slack(url: Secret)
        case webhook(url: String, key: Secret)
        case mail(SMTPMessenger)
        case sns(SNSTarget)
    }

    /// Reads the files that the section names.
    init(_ section: NotificationsSection?, relativeTo file: String) throws(InvalidYAML) {
        var targets: [String: Target] = [:]
        for target in section?.targets ?? [] { targets[target.name] = try Self.load(target, relativeTo: file) }
        self.targets = targets
        routing = NoticeRouting(
            approverTargets: Set((section?.targets ?? []).filter(\.knowsWhom).map(\.name)),
            requesters: section?.requesters ?? [:])
    }

    /// By the target's name.
    func messengers(
        http: HTTPClient, sns client: (SNSTarget) -> SNSClient, logger: Logger
    ) -> [String: any Messenger] {
        targets.mapValues { target in
            switch target {
            case .slack(let url): SlackMessenger(url: url, http: http)
            case .webhook(let url, let key): WebhookMessenger(url: url, key: key, http: http)
            case .mail(let messenger): messenger.logging(to: logger)
            case .sns(let sns): SNSMessenger(client: client(sns), topic: sns.topic)
            }
        }
    }

    private static func load(
        _ target: NotificationTarget, relativeTo file: String
    ) throws(InvalidYAML) -> Target {
        func path(_ path: String) -> String { ServerConfiguration.path(path, relativeTo: file) }
        switch target.kind {
        case .slack(let urlFile):
            let url = try SecretFile.read(path(urlFile))
            guard NotificationURL.isUsable(url.revealed()) else {
                throw InvalidYAML(
                    file: path(urlFile), position: nil, message: "must have a URL with https, or with http on loopback")
            }
            return .slack(url: url)
        case .webhook(let url, let keyFile): return .webhook(url: url, key: try SecretFile.signingKey(path(keyFile)))
        case .sns(let sns): return .sns(sns)
        case .mail(let mail):
            let password: Secret? = if let name = mail.passwordFile { try SecretFile.read(path(name)) } else { nil }
            let server = SMTPMessenger.Server(
                host: mail.host, port: mail.port, security: mail.security, certificates: mail.certificates.map(path),
                user: mail.user, password: password)
            do {
                return .mail(try SMTPMessenger(server, from: mail.from, to: mail.to))
            } catch {
                let file = mail.certificates.map(path) ?? file
                throw InvalidYAML(file: file, position: nil, message: "has no certificates that can be used")
            }
        }
    }
}

extension CheckedCatalog {
    /// Fails if a policy wants somebody told who can't be. `file` is the name to use in errors.
    func check(_ routing: NoticeRouting, file: String) throws(InvalidYAML) {
        for policy in catalog.policies {
            guard let name = policy.approval?.notify?.first(where: { !routing.approverTargets.contains($0) }) else {
                continue
            }
            let problem =
                "policy \"\(policy.id)\": approval.notify names \"\(name)\", which is none of the server's "
                + "notification targets that know whom they reach"
            throw InvalidYAML(file: file, position: nil, message: problem)
        }
    }
}
