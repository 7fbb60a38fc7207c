package import BrokerAPI
import IDTokens

/// `issuers:` the identity providers whose ID tokens are accepted, and what their claims mean. At least one.
package struct IssuerList: Decodable, Sendable {
    let trusted: [TrustedIssuer]
    /// By issuer.
    let claims: [String: ClaimMapping]
    /// Where the command line may sign people in, and as which client.
    package let signIns: [BrokerConfiguration.Issuer]

    package init(from decoder: any Decoder) throws {
        let entries = try [IssuerEntry](from: decoder)
        guard !entries.isEmpty else { throw decoder.refusal("must have at least one issuer") }
        trusted = entries.map(\.trusted)
        signIns = entries.compactMap { entry in
            entry.clientID.map { BrokerConfiguration.Issuer(issuer: entry.trusted.issuer, clientID: $0) }
        }
        claims = Dictionary(entries.map { ($0.trusted.issuer, $0.claims) }) { first, _ in first }
        guard claims.count == entries.count else { throw decoder.refusal("must not have the same issuer twice") }
    }
}

private struct IssuerEntry: Decodable {
    let trusted: TrustedIssuer
    let claims: ClaimMapping
    let clientID: String?

    private struct Fields: Decodable {
        let issuer: String
        let audiences: [String]
        let jwksURI: String?
        let algorithms: [String]?
        let tokenUse: String?
        let cliClientID: String?
        let claims: Claims

        enum CodingKeys: String, CodingKey {
            case issuer, audiences, algorithms, claims
            case jwksURI = "jwks_uri"
            case tokenUse = "token_use"
            case cliClientID = "cli_client_id"
        }
    }

    private struct Claims: Decodable {
        let user: String
        let teams: String
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard !fields.claims.user.isEmpty, !fields.claims.teams.isEmpty else {
            throw decoder.refusal("must name a claim for \"user\" and one for \"teams\"")
        }
        claims = ClaimMapping(user: fields.claims.user, teams: fields.claims.teams)
        clientID = fields.cliClientID
        guard clientID.map(fields.audiences.contains) ?? true else {
            throw decoder.refusal("has a \"cli_client_id\" that is not among its audiences")
        }
        do throws(InvalidTrustedIssuer) {
            trusted = try TrustedIssuer(
                issuer: fields.issuer, audiences: fields.audiences, jwksURI: fields.jwksURI,
                algorithms: fields.algorithms ?? ["RS256"], tokenUse: fields.tokenUse)
        } catch {
            throw decoder.refusal("is unusable: \(error)")
        }
    }
}
