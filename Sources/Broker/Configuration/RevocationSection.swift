import AWSAPI
import Credentials

/// `aws.revocation:` what is revoked is denied in IAM, too.
struct RevocationSection: Decodable, Sendable {
    /// The name, with its path, of a role in each account with base roles; the broker assumes it for this.
    let role: String
    /// Of the inline policy that is the broker's own in each base role.
    let policyName: String
    /// The base URL of IAM that is called; `nil` for that of the partition.
    let endpoint: String?

    private struct Fields: Decodable {
        let role: String
        let policyName: String?
        let endpoint: String?

        enum CodingKeys: String, CodingKey {
            case role
            case policyName = "policy_name"
            case endpoint = "iam_endpoint"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard !fields.role.utf8.contains(UInt8(ascii: ":")),
            (try? RoleARN("arn:aws:iam::000000000000:role/\(fields.role)")) != nil
        else {
            throw decoder.refusal(
                "must have the name of a role as \"role\", like stsbroker/Revocation, without its ARN")
        }
        role = fields.role
        policyName = fields.policyName ?? "stsbroker-revoked"
        // IAM PutRolePolicy, `PolicyName`: 1 to 128 of [\w+=,.@-].
        guard (1...128).contains(policyName.utf8.count), policyName.utf8.allSatisfy(isPolicyNameByte) else {
            throw decoder.refusal("must have a \"policy_name\" of 1 to 128 letters, digits and _+=,.@-")
        }
        endpoint = try fields.endpoint.map { try decoder.endpoint($0, key: "iam_endpoint") }
    }
}

private func isPolicyNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_+=,.@-".utf8.contains(byte)
    }
}
