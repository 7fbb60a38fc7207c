import FoundationEssentials
import HTTPExchange
import StrictYAML

/// `aws.web_identity:` the broker as an OpenID provider that IAM trusts.
struct WebIdentitySection: Decodable, Sendable {
    /// The public address of the broker, exactly as IAM's OpenID provider has it.
    let issuer: String
    /// The tokens' `aud`, one of the provider's client ids in IAM.
    let audience: String
    /// The file of signing keys; relative to the configuration file, and by default beside the database.
    let keyFile: String?
    /// How long a key signs.
    let rotation: Duration

    private struct Fields: Decodable {
        let issuer: String
        let audience: String?
        let keyFile: String?
        let rotation: ConfiguredDuration?

        enum CodingKeys: String, CodingKey {
            case issuer, audience
            case keyFile = "key_file"
            case rotation = "key_rotation"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard Self.isIssuer(fields.issuer) else {
            throw decoder.refusal(
                "must have an \"issuer\" of at most 255 characters: https without port, query or a slash at its end, "
                    + "or http on loopback")
        }
        issuer = fields.issuer
        audience = fields.audience ?? "sts.amazonaws.com"
        guard (1...255).contains(audience.utf8.count), audience.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw decoder.refusal("must have an \"audience\" of 1 to 255 visible ASCII characters")
        }
        keyFile = fields.keyFile
        rotation = fields.rotation?.duration ?? .seconds(30 * 86_400)
        guard (.seconds(86_400) ... .seconds(365 * 86_400)).contains(rotation) else {
            throw decoder.refusal("must have a \"key_rotation\" of 1d to 365d")
        }
    }

    /// IAM CreateOpenIDConnectProvider, `Url`: https, at most 255 characters, without port and query.
    private static func isIssuer(_ text: String) -> Bool {
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.hasSuffix("/"),
            let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
            url.query == nil, url.fragment == nil
        else { return false }
        return (url.scheme == "https" && url.port == nil) || (url.scheme == "http" && LoopbackHost.contains(host))
    }
}
