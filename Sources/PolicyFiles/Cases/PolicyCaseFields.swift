import AccessControl
import Credentials
import FoundationEssentials
import StrictYAML

/// One element of `cases`.
struct PolicyCaseFields: Decodable {
    let name: String
    let principal: PrincipalFields
    let request: RequestFields
    let expect: OutcomeField
    let rules: [String]?
    let tags: [String: String]?
    let evaluator: EvaluatorField?
    let approvers: [ApproverFields]?

    enum CodingKeys: String, CodingKey {
        case name, principal, request, expect, rules, tags, evaluator, approvers
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        principal = try fields.decode(PrincipalFields.self, forKey: .principal)
        request = try fields.decode(RequestFields.self, forKey: .request)
        expect = try fields.decode(OutcomeField.self, forKey: .expect)
        rules = try fields.decodeIfPresent([String].self, forKey: .rules)
        tags = try fields.decodeIfPresent([String: String].self, forKey: .tags)
        evaluator = try fields.decodeIfPresent(EvaluatorField.self, forKey: .evaluator)
        approvers = try fields.decodeIfPresent([ApproverFields].self, forKey: .approvers)
        guard approvers == nil || expect.outcome == .needsApproval else {
            throw decoder.refusal("has approvers, but nobody decides unless needs_approval is expected")
        }
    }

    /// Whoever asks or decides, as the broker would know them.
    struct PrincipalFields: Decodable {
        let user: String?
        let issuer: String?
        let subject: String?
        let teams: [String]?
        let claims: [String: ClaimField]?
        let email: String?
        /// They signed in with several factors so long ago.
        let mfa: ConfiguredDuration?
        let amr: [String]?
        let acr: String?
        /// They signed in so long ago.
        let signedIn: ConfiguredDuration?
        let source: AddressField?

        enum CodingKeys: String, CodingKey {
            case user, issuer, subject, teams, claims, email, mfa, amr, acr, source
            case signedIn = "signed_in"
        }
    }

    struct RequestFields: Decodable {
        let policy: String
        let duration: ConfiguredDuration?
        let shorten: Bool?
        let reason: String?
        let ticket: String?
        let inlinePolicy: InlinePolicyField?
        let startsAt: InstantField?
        /// When they ask; noon (UTC) of Wednesday, 2 January 2030, when absent.
        let at: InstantField?

        enum CodingKeys: String, CodingKey {
            case policy, duration, shorten, reason, ticket, at
            case inlinePolicy = "inline_policy"
            case startsAt = "starts_at"
        }
    }

    /// Somebody, and whether they may decide on the request.
    struct ApproverFields: Decodable {
        let principal: PrincipalFields
        let may: Bool
    }

    func policyCase(tagClaims: TagClaims) -> PolicyCase {
        let instant = request.at?.instant ?? Self.defaultInstant
        return PolicyCase(
            name: name,
            request: AccessRequest(
                id: .random(), principal: principal.principal(at: instant, tagClaims: tagClaims),
                policyID: request.policy, duration: request.duration?.duration, allowsShorter: request.shorten ?? false,
                reason: request.reason, ticket: request.ticket, inlinePolicy: request.inlinePolicy?.text,
                receivedAt: instant, startsAt: request.startsAt?.instant),
            evaluation: evaluator?.evaluation, expected: expect.outcome, rules: rules ?? [], tags: tags ?? [:],
            approvers: (approvers ?? []).map { approver in
                // Without a name they are somebody else than who asks without one.
                PolicyCase.Approver(
                    principal: approver.principal.principal(at: instant, tagClaims: tagClaims, unnamed: "approver"),
                    may: approver.may)
            })
    }

    private static let defaultInstant = Date(timeIntervalSince1970: 1_893_585_600)
}

extension PolicyCaseFields.PrincipalFields {
    fileprivate func principal(
        at instant: Date, tagClaims: TagClaims, unnamed: String = "somebody"
    ) -> Principal {
        let methods = (amr ?? []) + (mfa == nil ? [] : ["mfa"])
        let age = (mfa ?? signedIn).map { Double($0.seconds) }
        let known = (claims ?? [:]).mapValues(\.value)
        return Principal(
            id: PrincipalID(issuer: issuer ?? "https://idp.example.com", subject: subject ?? user ?? unnamed),
            userName: user ?? unnamed, teams: teams ?? [], claims: known.texts, claimLists: known.lists,
            otherClaims: known.others, tagClaims: tagClaims, email: email,
            usedSeveralFactors: methods.isEmpty ? nil : methods.contains("mfa"), authenticationMethods: methods,
            authenticationClass: acr, authenticatedAt: age.map { instant.addingTimeInterval(-$0) },
            source: RequestSource(address: source?.address))
    }
}
