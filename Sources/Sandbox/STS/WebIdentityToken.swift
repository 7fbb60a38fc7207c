import FoundationEssentials

/// Verifies the token of AssumeRoleWithWebIdentity: one of the sandbox's own provider, or of the broker where that is registered.
struct WebIdentityToken: Sendable {
    var keys: SigningKeys
    var issuer: String
    var broker: BrokerProvider?

    func identity(of parameters: QueryParameters, now: Date) async throws(STSFault) -> WebIdentity {
        var report = ConstraintReport()
        guard let token = parameters["WebIdentityToken"] else {
            report.missing("webIdentityToken")
            try report.conclude()
            throw STSFault(.invalidIdentityToken, "The token is missing.")
        }
        report.check(token, at: "webIdentityToken", length: 4...20000)
        try report.conclude()
        if let broker, BrokerProvider.claimedIssuer(of: token) == broker.issuer {
            return try await broker.identity(of: token, now: now)
        }
        return try await ownIdentity(of: token, now: now)
    }

    private func ownIdentity(of token: String, now: Date) async throws(STSFault) -> WebIdentity {
        let claims: IDTokenClaims
        do {
            claims = try await keys.verify(token)
        } catch {
            throw STSFault(.invalidIdentityToken, "The ID Token provided is not a valid JWT. (the signature is wrong)")
        }
        guard claims.iss == issuer else {
            throw STSFault(.invalidIdentityToken, "No OpenIDConnect provider found in your account for \(claims.iss)")
        }
        let seconds = Int64(now.timeIntervalSince1970)
        guard claims.exp > seconds else {
            throw STSFault(.expiredTokenException, "Token expired: current date/time must be before the expiration")
        }
        guard (claims.nbf ?? 0) <= seconds, claims.tokenUse == "id", let audience = claims.aud else {
            throw STSFault(.invalidIdentityToken, "The token is not valid yet, or no ID token.")
        }
        return WebIdentity(
            provider: .sandbox, issuer: claims.iss, subject: claims.sub, audience: audience, tags: claims.awsTags,
            sourceIdentity: claims.awsSourceIdentity)
    }
}
