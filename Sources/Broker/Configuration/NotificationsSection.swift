import Credentials
import FoundationEssentials
import HTTPExchange

/// `notifications:` who is told, and how.
package struct NotificationsSection: Decodable, Sendable {
    let targets: [NotificationTarget]
    let requesters: [RequesterChannel: String]

    private struct Fields: Decodable {
        let targets: [NotificationTarget]
        let requesters: Requesters?
    }

    private struct Requesters: Decodable {
        let email: String?
        let slack: String?
        /// By SNS, to the number that is in whoever asked's token.
        let sms: String?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        targets = fields.targets
        let names = targets.map(\.name)
        guard Set(names).count == names.count else { throw decoder.refusal("must not have two targets of one name") }
        var requesters: [RequesterChannel: String] = [:]
        requesters[.email] = fields.requesters?.email
        requesters[.slack] = fields.requesters?.slack
        requesters[.sms] = fields.requesters?.sms
        for (channel, name) in requesters {
            guard let target = targets.first(where: { $0.name == name }), target.serves(channel) else {
                throw decoder.refusal(
                    "must have a target \"\(name)\" of the right kind, as \"requesters\" names it for \(channel.rawValue)"
                )
            }
        }
        self.requesters = requesters
    }
}

/// One target. Files are relative to the configuration file.
struct NotificationTarget: Decodable, Sendable {
    let name: String
    let kind: Kind

    enum Kind: Sendable {
        case slack(urlFile: String)
        case webhook(url: String, keyFile: String)
        case mail(MailTarget)
        case sns(SNSTarget)
    }

    private struct Fields: Decodable {
        let name: String
        let slack: Slack?
        let webhook: Webhook?
        let smtp: MailTarget?
        let sns: SNSTarget?
    }

    private struct Slack: Decodable {
        let urlFile: String

        enum CodingKeys: String, CodingKey {
            case urlFile = "url_file"
        }
    }

    private struct Webhook: Decodable {
        let url: String
        let keyFile: String

        enum CodingKeys: String, CodingKey {
            case url
            case keyFile = "key_file"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        name = fields.name
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw decoder.refusal("must have a \"name\" of 1 to 64 visible ASCII characters")
        }
        switch (fields.slack, fields.webhook, fields.smtp, fields.sns) {
        case (let slack?, nil, nil, nil): kind = .slack(urlFile: slack.urlFile)
        case (nil, let webhook?, nil, nil):
            guard NotificationURL.isUsable(webhook.url) else {
                throw decoder.refusal("must have a \"url\" with https, or with http on loopback")
            }
            kind = .webhook(url: webhook.url, keyFile: webhook.keyFile)
        case (nil, nil, let mail?, nil): kind = .mail(mail)
        case (nil, nil, nil, let sns?): kind = .sns(sns)
        default:
            throw decoder.refusal("must have exactly one of the keys \"slack\", \"webhook\", \"smtp\" and \"sns\"")
        }
    }

    func serves(_ channel: RequesterChannel) -> Bool {
        switch (kind, channel) {
        case (.slack, .slack), (.mail, .email), (.sns, .sms): true
        default: false
        }
    }

    /// Whether it reaches somebody without being told whom.
    var knowsWhom: Bool {
        switch kind {
        case .mail(let mail): !mail.to.isEmpty
        case .sns(let sns): sns.topic != nil
        case .slack, .webhook: true
        }
    }
}

/// `smtp:` a mail submission server, and who gets the mail.
struct MailTarget: Decodable, Sendable {
    let host: String
    let port: Int
    let security: SMTPMessenger.Security
    let certificates: String?
    let user: String?
    let passwordFile: String?
    let from: MailAddress
    let to: [MailAddress]

    private struct Fields: Decodable {
        let server: String
        let tls: String?
        let caFile: String?
        let user: String?
        let passwordFile: String?
        let from: String
        let to: [String]?

        enum CodingKeys: String, CodingKey {
            case server, tls, user, from, to
            case caFile = "ca_file"
            case passwordFile = "password_file"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        (host, port) = try ListenPlace.hostAndPort(fields.server, of: "server", at: decoder)
        guard port > 0 else { throw decoder.refusal("must have HOST:PORT as \"server\", with a port above 0") }
        guard let security = SMTPMessenger.Security(rawValue: fields.tls ?? "starttls") else {
            throw decoder.refusal("must have tls, starttls or none as \"tls\"")
        }
        guard security != .none || (LoopbackHost.contains(host) && fields.user == nil) else {
            throw decoder.refusal("may be without tls only on loopback, and without \"user\"")
        }
        guard (fields.user == nil) == (fields.passwordFile == nil), fields.user?.utf8.contains(0) != true else {
            throw decoder.refusal("must have both or none of \"user\" and \"password_file\"")
        }
        self.security = security
        certificates = fields.caFile
        user = fields.user
        passwordFile = fields.passwordFile
        from = try Self.address(fields.from, at: decoder)
        to = try (fields.to ?? []).map { try Self.address($0, at: decoder) }
        // RFC 5321 section 4.5.3.1.8.
        guard to.count <= 100 else { throw decoder.refusal("must have at most 100 addresses as \"to\"") }
    }

    private static func address(_ text: String, at decoder: any Decoder) throws -> MailAddress {
        guard let address = MailAddress(text) else {
            throw decoder.refusal("must have mail addresses like name@example.com, but has \"\(text)\"")
        }
        return address
    }
}

/// Where notices may go by HTTP.
enum NotificationURL {
    static func isUsable(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let url = URL(string: text), let host = url.host()
        else { return false }
        return !host.isEmpty && url.user() == nil
            && (url.scheme == "https" || (url.scheme == "http" && LoopbackHost.contains(host)))
    }
}
