import AccessControl
import ArgumentParser
import Credentials
import FoundationEssentials

/// Whoever would ask, if it isn't the one at the keyboard.
struct PersonOptions: ParsableArguments {
    @Option(help: "Who would ask, by their user name; with a broker, you when absent.")
    var user: String?

    @Option(help: "Their identity provider.")
    var issuer: String?

    @Option(name: .customLong("team"), parsing: .singleValue, help: "One of their teams; may be repeated.")
    var teams: [String] = []

    @Option(
        name: .customLong("claim"), parsing: .singleValue,
        help: "One of their claims, a text, as NAME=VALUE; may be repeated, with the same NAME for a list of texts.")
    var claims: [String] = []

    @Option(
        name: .customLong("claim-json"), parsing: .singleValue,
        help: ArgumentHelp(
            """
            One of their claims of any kind, as NAME=JSON, such as 'groups=["a"]' or suspended=true; may be repeated.
            """,
            valueName: "json"))
    var claimsInJSON: [String] = []

    @Option(
        name: .customLong("tag-claim"), parsing: .singleValue,
        help: """
            With --policies, a session tag and the claim that gives it, as TAG=CLAIM; may be repeated, and other tags \
            can't be had then.
            """)
    var tagClaims: [String] = []

    @Option(help: "Their verified e-mail address.")
    var email: String?

    @Option(parsing: .singleValue, help: "How they signed in, such as mfa; may be repeated.")
    var amr: [String] = []

    @Option(help: "How well they signed in.")
    var acr: String?

    @Option(help: "When they signed in, such as 2030-01-31T09:00:00Z.")
    var signedIn: String?

    @Option(help: "The address that they connect from.")
    var source: String?

    func validate() throws {
        let given = try ClaimArguments(texts: claims, json: claimsInJSON)
        _ = try TagClaimArguments(tagClaims)
        let facts: [Bool] = [
            issuer != nil, !teams.isEmpty, !given.claims.isEmpty, !tagClaims.isEmpty, email != nil,
            !amr.isEmpty, acr != nil, signedIn != nil, source != nil,
        ]
        guard user != nil || !facts.contains(true) else { throw ValidationError("Say whose facts these are: --user.") }
    }

    /// Empty if ``validate()`` refuses any.
    var claimsByName: [String: ClaimValue] {
        (try? ClaimArguments(texts: claims, json: claimsInJSON))?.claims ?? [:]
    }

    /// As a broker would know them whose issuer gives tags by ``tagClaims``; no tag if ``validate()`` refuses any.
    var principal: Principal {
        let (name, known) = (user ?? "", claimsByName)
        let tags = (try? TagClaimArguments(tagClaims))?.tagClaims ?? .listed([:])
        return Principal(
            id: PrincipalID(issuer: issuer ?? "https://idp.example.com", subject: name), userName: name, teams: teams,
            claims: known.texts, claimLists: known.lists, otherClaims: known.others,
            tagClaims: tags, email: email, usedSeveralFactors: amr.isEmpty ? nil : amr.contains("mfa"),
            authenticationMethods: amr, authenticationClass: acr,
            authenticatedAt: signedIn.flatMap { AWSTimestamp.date($0) },
            source: RequestSource(address: source.flatMap { SourceAddress($0) }))
    }
}
