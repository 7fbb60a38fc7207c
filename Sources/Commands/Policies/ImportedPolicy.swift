import AccessControl
import Credentials
import FoundationEssentials
import HTTPExchange
import PolicyFiles
import StrictYAML

/// A policy of the original system as one of ours, and what of it has no place here.
struct ImportedPolicy: Equatable {
    let policy: AccessPolicy
    /// One sentence each. No secret is in them.
    let notes: [String]

    /// - Parameters:
    ///   - longest: the original has no such attribute.
    ///   - approvers: the teams that decide where the risk is over what is automatic; the original had one administrator for all.
    init(_ record: PlainValue, longest: Duration, approvers: [String]) throws(ImportFault) {
        let id = try OriginalAttributes(record, name: "a policy").text("policy_id")
        let attributes = OriginalAttributes(record, name: "policy \(Excerpt.quoted(id))")
        let risk = try Self.risk(attributes)
        let role = try Self.role(attributes)
        let lists = (try attributes.list("managed_policies"), try attributes.list("user_tags"))
        let (account, description) = (try attributes.text("account"), try attributes.optionalText("description"))
        let tags = try attributes.tags("default_tags")
        let rule = ApprovalRule(
            teams: approvers, count: 1, allowsOwnRequests: false, patienceSeconds: ApprovalRule.defaultPatienceSeconds)
        do throws(InvalidCatalog) {
            policy = try AccessPolicy(
                id: id, description: description ?? "", account: account, baseRole: role, risk: risk,
                managedPolicies: lists.0, userTags: lists.1, defaultTags: tags, maximumDuration: longest,
                approval: risk.isAutomatic || approvers.isEmpty ? nil : rule)
        } catch {
            throw ImportFault("\(error)")
        }
        notes = Self.notes(on: attributes, isDecided: risk.isAutomatic || !approvers.isEmpty)
        try checkLimits(name: attributes.name)
    }

    /// AWS's, which the broker checks too.
    private func checkLimits(name: String) throws(ImportFault) {
        guard let json = try? JSONEncoder().encode(PolicyForm(policy: policy)) else {
            throw ImportFault("\(name) can't be written as JSON")
        }
        do throws(InvalidYAML) {
            _ = try PolicyBody.policy(Array(json), name: name)
        } catch {
            throw ImportFault("\(name): \(error.message)")
        }
    }

    /// Defect A4: what nobody stated, or isn't a number, would have been approved by the program.
    private static func risk(_ attributes: OriginalAttributes) throws(ImportFault) -> Risk {
        let text = try attributes.text("risk")
        // DynamoDB and JSON may write whole numbers with a fraction of nothing.
        guard let number = Double(text), let whole = Int(exactly: number), let risk = Risk(whole) else {
            throw ImportFault(
                "\(attributes.name): risk must be a whole number from 1 to 100, not \(Excerpt.quoted(text))")
        }
        return risk
    }

    private static func role(_ attributes: OriginalAttributes) throws(ImportFault) -> RoleARN {
        let text = try attributes.text("base_role")
        do throws(InvalidRoleARN) {
            return try RoleARN(text)
        } catch {
            throw ImportFault("\(attributes.name): base_role is no role: \(error)")
        }
    }
    /// What has no place in a policy here.
    private static func notes(on attributes: OriginalAttributes, isDecided: Bool) -> [String] {
        var notes: [String] = []
        if !isDecided {
            notes.append(
                "its risk needs approval and nobody is named to give it, so each request is refused; see --approvers")
        }
        if attributes.has("slack_webhook_url") {
            notes.append(
                "slack_webhook_url is a secret and left out; put it into the url_file of a notification target, and name that "
                    + "in approval.notify")
        }
        if let address = attributes.shown("admin_email") {
            notes.append(
                "admin_email \(address) is left out; make it the \"to\" of a notification target, and name that in approval.notify"
            )
        }
        if let channel = attributes.shown("preferred_channel") {
            notes.append("preferred_channel \(channel) is left out; approval.notify names who is told here")
        }
        for key in attributes.unknownKeys {
            notes.append("the attribute \(Excerpt.quoted(key)) is unknown and left out")
        }
        return notes.map { "\(attributes.name): \($0)." }
    }
}
