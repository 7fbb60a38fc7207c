import AWSAPI
import Credentials
import FoundationEssentials
import HTTPExchange
import Logging
import ServiceLifecycle

/// The broker's way to AWS, as it is configured.
struct AWSAccess: Sendable {
    let roles: any RoleAssuming
    /// The broker's own key; `nil` where it has none, because it issues tokens.
    let keys: OwnKeys?
    /// The broker as an OpenID provider; `nil` if it isn't one.
    let issuer: WebIdentityIssuer?
    private let surroundings: Surroundings

    /// Whether what the broker assumes now is role chaining, which AWS caps at an hour.
    @Sendable func chainsRoles() async -> Bool { await keys?.belongsToRole() ?? false }

    /// Whether AWS takes no `SessionDuration` for a console link; not of role chaining, and of web identities nobody has shown it.
    @Sendable func omitsConsoleDuration() async -> Bool { await keys?.belongsToRole() ?? true }

    /// What has to run as long as the server does.
    func services(logger: Logger) -> [any Service] {
        var services: [any Service] = []
        if let keys { services.append(OwnKeyRefresh(keys: keys, clock: ContinuousClock())) }
        if let issuer { services.append(KeyRotation(keys: issuer.keys, clock: ContinuousClock(), logger: logger)) }
        return services
    }
}

extension AWSAccess {
    /// What the way is built from.
    struct Surroundings: Sendable {
        let environment: [String: String]
        let http: HTTPClient
        let logger: Logger
        let now: @Sendable () -> Date
        /// For one call of STS.
        var timeout: Duration = .seconds(5)
    }

    init(_ section: AWSSection, signingKeys: SigningKeys?, in surroundings: Surroundings) {
        self.surroundings = surroundings
        issuer = section.webIdentity.flatMap { section in
            signingKeys.map {
                WebIdentityIssuer(
                    issuer: section.issuer, audience: section.audience, keys: $0, now: surroundings.now)
            }
        }
        if section.mode == .webIdentity, let issuer {
            keys = nil
            roles = WebIdentityRoles(issuer: issuer, sts: section.sts(in: surroundings, key: nil))
        } else {
            let keys = OwnKeys(
                source: section.keySource(in: surroundings),
                identity: { key throws(AWSError) in
                    try await section.sts(in: surroundings, key: { key }).callerIdentity()
                }, logger: surroundings.logger, now: surroundings.now)
            self.keys = keys
            roles = SignedRoles(sts: section.sts(in: surroundings, key: { try await keys.current() }), keys: keys)
        }
    }

    /// A way to publish there, by the broker's own key or a role's.
    @Sendable func sns(_ target: SNSTarget) -> SNSClient {
        SNSClient(
            http: surroundings.http, region: target.region, endpoint: target.endpoint,
            accessKey: key(ofRole: target.role, for: .notifications), logger: surroundings.logger,
            now: surroundings.now)
    }

    /// The inline policies of all base roles.
    func inlinePolicies(_ section: RevocationSection) -> some InlinePolicies {
        RevocationRole(section.role) { own in
            RolePolicies(
                http: surroundings.http, partition: own.partition, endpoint: section.endpoint,
                accessKey: key(ofRole: own, for: .revocation), logger: surroundings.logger, now: surroundings.now)
        }
    }

    /// The key of a role that the broker assumes for itself, held and renewed like its own; `nil` for its own.
    private func key(
        ofRole role: RoleARN?, for purpose: SessionPurpose
    ) -> @Sendable () async throws -> AWSAccessKey {
        guard let role else {
            return { [keys] in
                guard let keys else { throw AWSError.keysUnavailable("the broker has none in mode web_identity") }
                return try await keys.current()
            }
        }
        let assumed = OwnKeys(
            source: AssumedRoleKey(role: role, purpose: purpose, roles: roles),
            identity: { _ throws(AWSError) in throw .keysUnavailable("the role is known") },
            logger: surroundings.logger,
            now: surroundings.now)
        return {
            await assumed.refreshIfDue()
            return try await assumed.current()
        }
    }

    /// Gets the first key, so that what is wrong shows at the start. What may pass is no reason not to start.
    func prepare() async throws(StartFailure) {
        guard let keys else { return }
        do throws(AWSError) {
            _ = try await keys.current()
        } catch .misconfigured(let problem) {
            throw .awsKey(.misconfigured(problem))
        } catch {
            // It is logged, and asked for again.
        }
    }
}

extension AWSSection {
    fileprivate func sts(
        in surroundings: AWSAccess.Surroundings, key: (@Sendable () async throws -> AWSAccessKey)?
    ) -> STSClient {
        STSClient(
            http: surroundings.http, endpoint: endpoint, region: region, accessKey: key, logger: surroundings.logger,
            timeout: surroundings.timeout, now: surroundings.now)
    }

    /// The default order is the AWS SDKs' (AWS SDKs and Tools Reference Guide, "Standardized credential providers").
    fileprivate func keySource(in surroundings: AWSAccess.Surroundings) -> any AWSKeySource {
        let (variables, http) = (surroundings.environment, surroundings.http)
        let environment = EnvironmentKeySource(variables)
        let token = WebIdentityKeySource(variables, sts: sts(in: surroundings, key: nil))
        let profile = ProfileKeySource(variables)
        let container = ContainerKeySource(variables, http: http)
        let instance = InstanceKeySource(variables, http: http)
        return switch credentials {
        case .chain: AWSKeyChain([environment, token, profile, container, instance])
        case .environment: AWSKeyChain([environment], isRequired: true)
        case .webIdentityToken: AWSKeyChain([token], isRequired: true)
        case .profile: AWSKeyChain([profile], isRequired: true)
        case .container: AWSKeyChain([container], isRequired: true)
        case .instance: AWSKeyChain([instance], isRequired: true)
        }
    }
}
