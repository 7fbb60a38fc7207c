import FoundationEssentials

/// The session policies that a call passes.
struct SessionPolicies: Sendable {
    /// AWS's limit for the plain texts of inline and managed session policies together.
    static let characterLimit = 2048

    var inline: String?
    var arns: [String]

    init(_ parameters: QueryParameters, report: inout ConstraintReport) throws(STSFault) {
        inline = parameters["Policy"]
        if let inline {
            report.check(inline, at: "policy", length: 1...Self.characterLimit, pattern: .printable)
        }
        arns = []
        for (offset, fields) in try parameters.list("PolicyArns", fields: ["arn"]).enumerated() {
            guard let arn = fields.first ?? nil else { continue }
            report.check(arn, at: "policyArns.\(offset + 1).member.arn", length: 20...2048, pattern: .arn)
            arns.append(arn)
        }
        report.check(count: arns.count, at: "policyArns", atMost: 10)
    }

    /// The rules that need to know the account.
    func check(account: SampleAccount) throws(STSFault) {
        for arn in arns {
            let own = "arn:aws:iam::\(account.id):policy/"
            guard arn.hasPrefix("arn:aws:iam::aws:policy/") || account.managedPolicies[arn] != nil else {
                guard arn.hasPrefix(own) else {
                    throw STSFault(
                        .validationError, "Policy ARN \(arn) is neither AWS-managed nor of the role's own account.")
                }
                throw STSFault(.malformedPolicyDocument, "Policy \(arn) does not exist.")
            }
        }
        if let inline { try Self.checkGrammar(inline) }
        let managed = arns.map { (account.managedPolicies[$0] ?? $0).unicodeScalars.count }.reduce(0, +)
        guard (inline?.unicodeScalars.count ?? 0) + managed <= Self.characterLimit else {
            throw STSFault(
                .packedPolicyTooLarge,
                "Inline and managed session policies exceed \(Self.characterLimit) characters together.")
        }
    }

    private struct Document: Decodable {
        var version: String?
        var statements: OneOrMany<Statement>

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case statements = "Statement"
        }
    }

    private struct Statement: Decodable {
        var effect: String
        var action: OneOrMany<String>?
        var notAction: OneOrMany<String>?
        var resource: OneOrMany<String>?
        var notResource: OneOrMany<String>?
        var principal: Ignored?

        enum CodingKeys: String, CodingKey {
            case effect = "Effect"
            case action = "Action"
            case notAction = "NotAction"
            case resource = "Resource"
            case notResource = "NotResource"
            case principal = "Principal"
        }
    }

    private struct Ignored: Decodable {
        init(from decoder: any Decoder) {}
    }

    private enum OneOrMany<Element: Decodable>: Decodable {
        case values([Element])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = .values(try (try? [container.decode(Element.self)]) ?? container.decode([Element].self))
        }
    }

    private static func checkGrammar(_ text: String) throws(STSFault) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        } catch {
            throw STSFault(.malformedPolicyDocument, "This policy contains invalid Json or misses an element.")
        }
        guard case .values(let statements) = document.statements, !statements.isEmpty,
            document.version == nil || ["2012-10-17", "2008-10-17"].contains(document.version)
        else { throw STSFault(.malformedPolicyDocument, "Syntax errors in policy.") }
        for statement in statements {
            let hasAction = (statement.action == nil) != (statement.notAction == nil)
            let hasResource = (statement.resource == nil) != (statement.notResource == nil)
            guard ["Allow", "Deny"].contains(statement.effect), hasAction, hasResource, statement.principal == nil
            else {
                throw STSFault(.malformedPolicyDocument, "Syntax errors in policy.")
            }
        }
    }
}
