/// The OpenID providers that the sample account knows.
package enum OpenIDProvider: Sendable, Equatable {
    /// The sandbox's own, where people sign in.
    case sandbox
    /// The broker, in keyless runs.
    case broker
}

/// What a verified token of AssumeRoleWithWebIdentity says.
struct WebIdentity: Sendable {
    var provider: OpenIDProvider
    var issuer: String
    var subject: String
    var audience: String
    var tags: WebIdentityTags?
    var sourceIdentity: String?

    /// The provider's ARN in an account.
    func providerARN(account: String) -> String {
        let host = issuer.split(separator: "//").last.map(String.init) ?? issuer
        return "arn:aws:iam::\(account):oidc-provider/\(host)"
    }
}
