package import AccessControl
import Credentials
import FoundationEssentials
import IDTokens

/// Which claims of an issuer's tokens mean what. This is configuration, because only its operator knows which claims
/// users cannot write themselves.
package struct ClaimMapping: Sendable, Equatable {
    /// The claim with the user's name; it must be unique within the issuer.
    package let user: String
    /// The claim with the user's teams.
    package let teams: String
    /// The claims that give session tags.
    package let tags: TagClaims
    /// The claim with the user's telephone number. The standard's counts only if the identity provider says that it has verified it;
    /// of another one it is the operator who says so.
    package let phone: String
    /// What this issuer's names of teams are preceded by, which keeps them apart from those of other issuers.
    package let teamPrefix: String
    /// Those of the other issuers; names that begin so are theirs alone.
    package let foreignPrefixes: [String]

    /// OpenID Connect Core section 5.1.
    package static let standardPhone = "phone_number"

    package init(
        user: String, teams: String, tags: TagClaims = .original, phone: String = Self.standardPhone,
        teamPrefix: String = "", foreignPrefixes: [String] = []
    ) {
        self.user = user
        self.teams = teams
        self.tags = tags
        self.phone = phone
        self.teamPrefix = teamPrefix
        self.foreignPrefixes = foreignPrefixes
    }

    /// The same among issuers with those prefixes.
    func besides(_ prefixes: [String]) -> ClaimMapping {
        ClaimMapping(
            user: user, teams: teams, tags: tags, phone: phone, teamPrefix: teamPrefix, foreignPrefixes: prefixes)
    }

    /// Fails if the user's name is absent or unfit, or the teams can't be read. Absent teams are no teams.
    func principal(
        of token: VerifiedIDToken, from source: RequestSource
    ) throws(AuthenticationFailure) -> Principal {
        guard let name = token.claims[user]?.stringValue else {
            throw .unusableClaim(name: user, problem: "is not a text")
        }
        guard (1...256).contains(name.utf8.count), isOneLine(name) else {
            throw .unusableClaim(name: user, problem: "is not 1 to 256 bytes of one line")
        }
        return Principal(
            id: PrincipalID(issuer: token.issuer, subject: token.subject),
            userName: name,
            teams: try teamNames(in: token),
            claims: token.claims.texts, claimLists: token.claims.lists, otherClaims: token.claims.others,
            tagClaims: tags,
            email: verifiedEmail(in: token), phoneNumber: verifiedNumber(in: token),
            usedSeveralFactors: usedSeveralFactors(in: token),
            authenticationMethods: token.claims["amr"]?.stringValues ?? [],
            authenticationClass: token.claims["acr"]?.stringValue, authenticatedAt: authenticatedAt(in: token),
            source: source)
    }

    private func verifiedEmail(in token: VerifiedIDToken) -> String? {
        isVerified("email", in: token) ? token.claims["email"]?.stringValue : nil
    }

    private func verifiedNumber(in token: VerifiedIDToken) -> String? {
        guard phone != Self.standardPhone || isVerified(phone, in: token) else { return nil }
        return token.claims[phone]?.stringValue
    }

    /// Amazon Cognito writes the Boolean as a text.
    private func isVerified(_ claim: String, in token: VerifiedIDToken) -> Bool {
        let statement = token.claims["\(claim)_verified"]
        return statement?.boolValue ?? (statement?.stringValue == "true")
    }

    /// RFC 8176 section 2: `mfa` among the methods. Without `amr` nothing is known.
    private func usedSeveralFactors(in token: VerifiedIDToken) -> Bool? {
        token.claims["amr"]?.stringValues?.contains("mfa")
    }

    /// OpenID Connect Core section 2: seconds since 1970. What no clock shows, up to the year 9999, is no time.
    private func authenticatedAt(in token: VerifiedIDToken) -> Date? {
        guard let seconds = token.claims["auth_time"]?.numberValue, (0...253_402_300_799).contains(seconds) else {
            return nil
        }
        return Date(timeIntervalSince1970: seconds)
    }

    private func teamNames(in token: VerifiedIDToken) throws(AuthenticationFailure) -> [String] {
        guard let claim = token.claims[teams] else { return [] }
        let names: [String]? =
            switch claim {
            // Directories put every group of the person into a list; what can't be a team's name is no team.
            case .array: claim.stringValues?.filter { isTeamName($0) }
            case .string(let text): TeamsClaim.names(in: text)
            default: nil
            }
        guard let names, names.count <= TeamsClaim.most, names.allSatisfy({ isTeamName($0) }) else {
            throw .unusableClaim(name: teams, problem: "is not a list of at most \(TeamsClaim.most) team names")
        }
        // A prefix may make a name too long; that is no team either.
        let own = names.map { teamPrefix + $0 }.filter { name in
            isTeamName(name) && !foreignPrefixes.contains(where: name.hasPrefix)
        }
        return own.reduce(into: []) { unique, name in if !unique.contains(name) { unique.append(name) } }
    }
}

private func isOneLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
