import FoundationEssentials

@testable import Sandbox

/// AssumeRole without wire and signature: parameters in, session or fault out.
struct AssumeRoleBench {
    var account = SampleAccount.standard()
    var lifetimeLimit: Duration?
    let now = Date(timeIntervalSince1970: 1_800_000_000)

    static let developer = "arn:aws:iam::111122223333:role/stsbroker-developer"
    static let readonly = "arn:aws:iam::111122223333:role/stsbroker-readonly"
    static let chained = "arn:aws:iam::111122223333:role/stsbroker-chained"

    var user: RoleAssumption.Caller { .user(arn: account.userARN) }

    func assume(
        _ changes: [(String, String?)] = [], as caller: RoleAssumption.Caller? = nil
    ) throws(STSFault) -> RoleAssumption.Outcome {
        var fields = [("RoleArn", Self.readonly), ("RoleSessionName", "developer")]
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        let form = FormParameters(fields: fields.map { .init(name: $0.0, value: $0.1) })
        let call = try AssumeRoleCall(QueryParameters(form))
        return try RoleAssumption(account: account, lifetimeLimit: lifetimeLimit)
            .session(for: call, caller: caller ?? user, now: now)
    }

    func code(_ changes: [(String, String?)], as caller: RoleAssumption.Caller? = nil) -> STSFault.Code? {
        do throws(STSFault) {
            _ = try assume(changes, as: caller)
            return nil
        } catch {
            return error.code
        }
    }

    static func tags(_ tags: [(String, String)]) -> [(String, String?)] {
        tags.enumerated().flatMap { offset, tag in
            [("Tags.member.\(offset + 1).Key", tag.0), ("Tags.member.\(offset + 1).Value", tag.1)]
        }
    }

    static func text(_ count: Int) -> String { String(repeating: "a", count: count) }
}
