import AWSAPI

/// `aws:` where STS is. The broker's own keys are not here: they come from the environment.
struct AWSSection: Decodable, Sendable {
    let region: String
    /// The base URL that is called.
    let endpoint: String
    /// The address that signs browsers in to the console.
    let signInEndpoint: String

    private struct Fields: Decodable {
        let region: String
        let endpoint: String?
        let signInEndpoint: String?

        enum CodingKeys: String, CodingKey {
            case region
            case endpoint = "sts_endpoint"
            case signInEndpoint = "signin_endpoint"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard (1...64).contains(fields.region.utf8.count), fields.region.utf8.allSatisfy(isRegionByte) else {
            throw decoder.refusal("must have a region like us-east-1, but has \"\(fields.region)\"")
        }
        region = fields.region
        endpoint = fields.endpoint ?? STSClient.defaultEndpoint(region: fields.region)
        do throws(STSError) {
            try STSClient.checkEndpoint(endpoint)
        } catch {
            throw decoder.refusal("has an unusable sts_endpoint: \(error)")
        }
        signInEndpoint = fields.signInEndpoint ?? ConsoleSignIn.defaultEndpoint(region: fields.region)
        do throws(STSError) {
            try STSClient.checkEndpoint(signInEndpoint)
        } catch {
            throw decoder.refusal("has an unusable signin_endpoint: \(error)")
        }
    }
}

private func isRegionByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
}
