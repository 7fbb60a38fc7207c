import AWSAPI

/// `aws:` where STS is, and by what the broker gets there.
struct AWSSection: Decodable, Sendable {
    let region: String
    /// The base URL that is called.
    let endpoint: String
    /// The address that signs browsers in to the console.
    let signInEndpoint: String
    /// The console's front page; links to the console lead to its host and those below it.
    let consoleURL: String
    let mode: Mode
    /// Where the broker's own key comes from; of no meaning in mode ``Mode/webIdentity``.
    let credentials: KeyOrigin
    /// The broker as an OpenID provider; always present in mode ``Mode/webIdentity``.
    let webIdentity: WebIdentitySection?
    /// `nil`: what is revoked is minted no more, and IAM isn't told.
    let revocation: RevocationSection?

    enum Mode: String, Sendable, CaseIterable {
        /// By calls that the broker's own key signs.
        case assumeRole = "assume_role"
        /// By tokens that the broker issues, without any key of AWS.
        case webIdentity = "web_identity"
    }

    /// One source, or all of them in order.
    enum KeyOrigin: String, Sendable, CaseIterable {
        case chain = "default"
        case environment, profile, container, instance
        case webIdentityToken = "web_identity_token"
    }

    private struct Fields: Decodable {
        let region: String
        let endpoint: String?
        let signInEndpoint: String?
        let consoleURL: String?
        let mode: String?
        let credentials: String?
        let webIdentity: WebIdentitySection?
        let revocation: RevocationSection?

        enum CodingKeys: String, CodingKey {
            case region, mode, credentials, revocation
            case endpoint = "sts_endpoint"
            case signInEndpoint = "signin_endpoint"
            case consoleURL = "console_url"
            case webIdentity = "web_identity"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        region = try decoder.region(fields.region)
        endpoint = try decoder.endpoint(
            fields.endpoint ?? STSClient.defaultEndpoint(region: fields.region), key: "sts_endpoint")
        signInEndpoint = try decoder.endpoint(
            fields.signInEndpoint ?? ConsoleSignIn.defaultEndpoint(region: fields.region), key: "signin_endpoint")
        consoleURL = try decoder.console(fields.consoleURL ?? ConsoleSignIn.defaultConsole(region: fields.region))
        mode = try decoder.choice(fields.mode, key: "mode") ?? .assumeRole
        credentials = try decoder.choice(fields.credentials, key: "credentials") ?? .chain
        webIdentity = fields.webIdentity
        revocation = fields.revocation
        if mode == .webIdentity {
            guard webIdentity != nil else { throw decoder.refusal("must have \"web_identity\" in mode web_identity") }
            guard fields.credentials == nil else {
                throw decoder.refusal("must not have \"credentials\" in mode web_identity, which needs none")
            }
        }
    }
}

extension Decoder {
    /// The text as one of the enumeration's values; `nil` if it is absent.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String?, key: String
    ) throws -> Choice? {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw refusal("must have one of \(known) as \"\(key)\"")
    }

    /// The name of a region.
    func region(_ text: String) throws -> String {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isRegionByte) else {
            throw refusal("must have a region like us-east-1, but has \"\(text)\"")
        }
        return text
    }

    /// The front page of a console.
    fileprivate func console(_ text: String) throws -> String {
        guard ConsoleSignIn.isConsole(text) else {
            throw refusal(
                "must have an https address without a port as \"console_url\", like https://console.aws.amazon.com/")
        }
        return text
    }

    /// A base URL that AWS may be called at.
    func endpoint(_ text: String, key: String) throws -> String {
        do throws(AWSError) {
            try STSClient.checkEndpoint(text)
        } catch {
            throw refusal("has an unusable \(key): \(error)")
        }
        return text
    }
}

private func isRegionByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
}
