import AccessControl
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
        let prefixes = entries.map(\.claims.teamPrefix)
        for (index, prefix) in prefixes.enumerated() where !prefix.isEmpty {
            for (position, other) in prefixes.enumerated() where position != index && other.hasPrefix(prefix) {
                throw decoder.refusal(
                    "must not have two issuers one of whose \"team_prefix\" begins with the other's, as \"\(other)\"")
            }
        }
        claims = Dictionary(
            entries.enumerated().map { index, entry in
                let others = prefixes.enumerated().filter { $0.offset != index && !$0.element.isEmpty }.map(\.element)
                return (entry.trusted.issuer, entry.claims.besides(others))
            }
        ) { first, _ in first }
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
        let teamPrefix: String?
        let tags: TagsField?
        let phone: String?

        enum CodingKeys: String, CodingKey {
            case user, teams, tags, phone
            case teamPrefix = "team_prefix"
        }
    }

    /// `{department: "custom:department"}`
    private struct TagsField: Decodable {
        let claims: [String: String]

        init(from decoder: any Decoder) throws {
            claims = try [String: String](from: decoder)
            if let keys = claims.keys.sorted().firstCollision { throw decoder.refusal("has the tags \(keys)") }
            guard !claims.keys.contains(""), !claims.values.contains("") else {
                throw decoder.refusal("must name a tag and its claim")
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        clientID = fields.cliClientID
        guard clientID.map(fields.audiences.contains) ?? true else {
            throw decoder.refusal("has a \"cli_client_id\" that is not among its audiences")
        }
        claims = try Self.mapping(fields.claims, at: decoder)
        do throws(InvalidTrustedIssuer) {
            trusted = try TrustedIssuer(
                issuer: fields.issuer, audiences: fields.audiences, jwksURI: fields.jwksURI,
                algorithms: fields.algorithms ?? ["RS256"], tokenUse: fields.tokenUse)
        } catch {
            throw decoder.refusal("is unusable: \(error)")
        }
    }

    private static func mapping(_ claims: Claims, at decoder: any Decoder) throws -> ClaimMapping {
        guard !claims.user.isEmpty, !claims.teams.isEmpty else {
            throw decoder.refusal("must name a claim for \"user\" and one for \"teams\"")
        }
        guard claims.phone != "" else { throw decoder.refusal("must name a claim for \"phone\", or leave it out") }
        let prefix = claims.teamPrefix ?? ""
        guard prefix.isEmpty && claims.teamPrefix == nil || prefix.count <= 64 && isTeamName(prefix) else {
            throw decoder.refusal("must have a \"team_prefix\" of 1 to 64 characters that names of teams may have")
        }
        return ClaimMapping(
            user: claims.user, teams: claims.teams, tags: claims.tags.map { .listed($0.claims) } ?? .original,
            phone: claims.phone ?? ClaimMapping.standardPhone, teamPrefix: prefix)
    }
}
