import AccessControl
import StrictYAML

/// `approval`: who decides where the rules don't.
struct ApprovalField: Decodable {
    let rule: ApprovalRule

    private struct Fields: Decodable {
        let teams: [String]
        let condition: ConditionBlocks?
        let count: CountField?
        let ownRequests: Bool?
        let expiresAfter: ConfiguredDuration?
        let notify: [String]?

        typealias CodingKeys = ApprovalKey
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
