package import CredentialCache
import Glibc

/// Whom the daemon acts for.
package enum DaemonIdentity: Sendable, Equatable {
    /// The people who sign in at this OpenID provider, by this public client.
    case people(issuer: String, clientID: String)
    /// A workload, whose ID token is in the file at this path.
    case workload(tokenFile: String)

    /// Under which a workload's credentials are held: the daemon's own user, so that nobody else can ask the control socket for
    /// its token.
    package static var workloadPrincipal: Principal { .localUser(geteuid()) }

    init(_ configuration: DaemonConfiguration) throws(SettingsFault) {
        switch (configuration.identityProvider, configuration.workloadIdentity) {
        case (let provider?, nil):
            try DaemonSettings.check(provider)
            self = .people(issuer: provider.issuer, clientID: provider.clientID)
        case (nil, let workload?):
            try DaemonSettings.requirePath(workload.tokenFile, at: "workload_identity.token_file")
            guard configuration.stateDirectory == nil else {
                throw SettingsFault("state_directory", "is for people's sign-ins, and not beside workload_identity")
            }
            self = .workload(tokenFile: workload.tokenFile)
        case (nil, nil):
            throw SettingsFault(
                "identity_provider", "is missing: name where people sign in, or workload_identity.token_file")
        default: throw SettingsFault("workload_identity", "can't be there beside identity_provider")
        }
    }

    /// The key that makes another identity out of this one.
    func key(insteadOf other: DaemonIdentity) -> String {
        switch (self, other) {
        case (.people(let issuer, _), .people(let otherIssuer, _)):
            issuer == otherIssuer ? "identity_provider.client_id" : "identity_provider.issuer"
        case (.workload, .workload): "workload_identity.token_file"
        default: "workload_identity"
        }
    }
}
