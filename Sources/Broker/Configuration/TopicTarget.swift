import AWSAPI
import Credentials
import StrictYAML

/// `sns:` a topic of Amazon SNS.
struct TopicTarget: Decodable, Sendable {
    let topic: SNSTopic
    /// Whose key publishes; `nil` for the broker's own.
    let role: RoleARN?
    /// The base URL that is called; `nil` for that of the topic's region.
    let endpoint: String?

    private struct Fields: Decodable {
        let topicARN: String
        let roleARN: String?
        let endpoint: String?

        enum CodingKeys: String, CodingKey {
            case endpoint
            case topicARN = "topic_arn"
            case roleARN = "role_arn"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard let topic = SNSTopic(fields.topicARN) else {
            throw decoder.refusal("must have a \"topic_arn\" like arn:aws:sns:us-east-1:111122223333:approvals")
        }
        self.topic = topic
        do throws(InvalidRoleARN) {
            role = try fields.roleARN.map { text throws(InvalidRoleARN) in try RoleARN(text) }
        } catch {
            throw decoder.refusal("has an unusable role_arn: \(error)")
        }
        endpoint = try fields.endpoint.map { try decoder.endpoint($0, key: "endpoint") }
    }
}

extension NotificationsSection {
    /// Fails if a target needs a key of AWS, which the broker doesn't have. `file` is the name to use in errors.
    func check(_ mode: AWSSection.Mode, file: String) throws(InvalidYAML) {
        for target in targets {
            guard mode == .webIdentity, case .sns(let topic) = target.kind, topic.role == nil else { continue }
            let problem =
                "notifications: target \"\(target.name)\" needs a role_arn, because the broker has no AWS key in mode web_identity"
            throw InvalidYAML(file: file, position: nil, message: problem)
        }
    }
}
