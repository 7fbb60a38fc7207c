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

    /// Whoever asks, as the broker would know them.
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
        let startsAt: InstantField?
        /// When they ask; noon (UTC) of Wednesday, 2 January 2030, when absent.
        let at: InstantField?

        enum CodingKeys: String, CodingKey {
            case policy, duration, shorten, reason, ticket, at
            case startsAt = "starts_at"
        }
    }

    func policyCase(tagClaims: TagClaims) -> PolicyCase {
        let instant = request.at?.instant ?? Self.defaultInstant
        return PolicyCase(
            name: name,
            request: AccessRequest(
                id: .random(), principal: principal.principal(at: instant, tagClaims: tagClaims),
                policyID: request.policy, duration: request.duration?.duration, allowsShorter: request.shorten ?? false,
                reason: request.reason, ticket: request.ticket, receivedAt: instant, startsAt: request.startsAt?.instant
            ),
            expected: expect.outcome, rules: rules ?? [], tags: tags ?? [:])
    }

    private static let defaultInstant = Date(timeIntervalSince1970: 1_893_585_600)
}

extension PolicyCaseFields.PrincipalFields {
    fileprivate func principal(at instant: Date, tagClaims: TagClaims) -> Principal {
        let methods = (amr ?? []) + (mfa == nil ? [] : ["mfa"])
        let age = (mfa ?? signedIn).map { Double($0.seconds) }
        let known = (claims ?? [:]).mapValues(\.value)
        return Principal(
            id: PrincipalID(issuer: issuer ?? "https://idp.example.com", subject: subject ?? user ?? "somebody"),
            userName: user ?? "somebody", teams: teams ?? [], claims: known.texts, claimLists: known.lists,
            otherClaims: known.others, tagClaims: tagClaims, email: email,
            usedSeveralFactors: methods.isEmpty ? nil : methods.contains("mfa"), authenticationMethods: methods,
            authenticationClass: acr, authenticatedAt: age.map { instant.addingTimeInterval(-$0) },
            source: RequestSource(address: source?.address))
    }
}

/// An address, as people write it.
struct AddressField: Decodable {
    let address: SourceAddress

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = SourceAddress(text) else { throw decoder.refusal("must be an IPv4 or IPv6 address") }
        self.address = address
    }
}

/// An instant as `2030-01-02T12:00:00Z`.
struct InstantField: Decodable {
    let instant: Date

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = AWSTimestamp.date(text) else {
            throw decoder.refusal("must be an instant like 2030-01-02T12:00:00Z")
        }
        self.instant = instant
    }
}

struct OutcomeField: Decodable {
    let outcome: Decision.Outcome

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let outcome = Decision.Outcome(rawValue: text) else {
            throw decoder.refusal("must be allow, deny or needs_approval")
        }
        self.outcome = outcome
    }
}
