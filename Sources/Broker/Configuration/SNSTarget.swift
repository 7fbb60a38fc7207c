import AWSAPI
import Credentials
import StrictYAML

/// `sns:` a topic of Amazon SNS, or only telephones.
struct SNSTarget: Decodable, Sendable {
    /// Where a notice goes that names nobody; `nil`: the target reaches only whoever asked.
    let topic: SNSTopic?
    /// The topic's, where there is one.
    let region: String
    /// Whose key publishes; `nil` for the broker's own.
    let role: RoleARN?
    /// The base URL that is called; `nil` for the region's.
    let endpoint: String?

    private struct Fields: Decodable {
        let topicARN: String?
        let region: String?
        let roleARN: String?
        let endpoint: String?

        enum CodingKeys: String, CodingKey {
            case region, endpoint
            case topicARN = "topic_arn"
            case roleARN = "role_arn"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        (topic, region) = try Self.place(fields, at: decoder)
        do throws(InvalidRoleARN) {
            role = try fields.roleARN.map { text throws(InvalidRoleARN) in try RoleARN(text) }
        } catch {
            throw decoder.refusal("has an unusable role_arn: \(error)")
        }
        endpoint = try fields.endpoint.map { try decoder.endpoint($0, key: "endpoint") }
    }

    private static func place(_ fields: Fields, at decoder: any Decoder) throws -> (SNSTopic?, String) {
        switch (fields.topicARN, fields.region) {
        case (let arn?, nil):
            guard let topic = SNSTopic(arn) else {
                throw decoder.refusal("must have a \"topic_arn\" like arn:aws:sns:us-east-1:111122223333:approvals")
            }
            return (topic, topic.region)
        case (nil, let region?): return (nil, try decoder.region(region))
        default: throw decoder.refusal("must have exactly one of the keys \"topic_arn\" and \"region\"")
        }
    }
}

extension NotificationsSection {
    /// Fails if a target needs a key of AWS, which the broker doesn't have. `file` is the name to use in errors.
    func check(_ mode: AWSSection.Mode, file: String) throws(InvalidYAML) {
        for target in targets {
            guard mode == .webIdentity, case .sns(let sns) = target.kind, sns.role == nil else { continue }
            let problem =
                "notifications: target \"\(target.name)\" needs a role_arn, because the broker has no AWS key in mode web_identity"
            throw InvalidYAML(file: file, position: nil, message: problem)
        }
    }
}
