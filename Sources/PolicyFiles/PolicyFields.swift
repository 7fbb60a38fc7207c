import AccessControl
import FoundationEssentials
import StrictYAML

/// `approval`: who decides where the rules don't.
struct ApprovalField: Decodable {
    let rule: ApprovalRule

    private struct Fields: Decodable {
        let teams: [String]
        let condition: ConditionBlock?
        let count: CountField?
        let ownRequests: Bool?
        let expiresAfter: ConfiguredDuration?
        let notify: [String]?

        enum CodingKeys: String, CodingKey {
            case teams, condition, count, notify
            case ownRequests = "own_requests"
            case expiresAfter = "expires_after"
        }
    }

    private struct CountField: Decodable {
        let count: Int

        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let count = Int(text), (1...10).contains(count) else {
                throw decoder.refusal("must be a whole number from 1 to 10, but is \"\(text)\"")
            }
            self.count = count
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        rule = ApprovalRule(
            teams: fields.teams, condition: fields.condition, count: fields.count?.count ?? 1,
            allowsOwnRequests: fields.ownRequests ?? false,
            patienceSeconds: fields.expiresAfter.map { $0.duration.wholeSeconds }
                ?? ApprovalRule.defaultPatienceSeconds,
            notify: fields.notify)
    }
}

/// `inline_policy`: an IAM policy as JSON text. AWS judges what it means; here it must be a JSON object with statements.
struct InlinePolicyField: Decodable {
    let text: String

    private struct Policy: Decodable {
        let version: String
        let statement: Statements

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case statement = "Statement"
        }
    }

    /// One, or a list of at least one.
    private struct Statements: Decodable {
        private struct Statement: Decodable {
            let effect: String

            enum CodingKeys: String, CodingKey {
                case effect = "Effect"
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if (try? container.decode(Statement.self)) != nil { return }
            guard try !container.decode([Statement].self).isEmpty else { throw decoder.refusal("is empty") }
        }
    }

    init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
        guard (try? JSONDecoder().decode(Policy.self, from: Data(text.utf8))) != nil else {
            throw decoder.refusal("must be an IAM policy as JSON text, with Version and Statement")
        }
    }
}
