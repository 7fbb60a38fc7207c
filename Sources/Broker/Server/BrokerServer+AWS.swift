import AWSAPI
import BrokerStore
import HTTPExchange

/// How the server gets at AWS, and what it wants there.
extension BrokerServer {
    /// - Parameter stsTimeout: for one call of STS.
    func access(_ http: HTTPClient, stsTimeout: Duration = .seconds(5)) throws(StartFailure) -> AWSAccess {
        AWSAccess(
            loaded.server.aws, signingKeys: try signingKeys(),
            in: AWSAccess.Surroundings(
                environment: environment, http: http, logger: logger, now: now, timeout: stsTimeout))
    }

    /// Those of the broker as an OpenID provider; `nil` if it isn't one.
    private func signingKeys() throws(StartFailure) -> SigningKeys? {
        guard let section = loaded.server.aws.webIdentity else { return nil }
        do throws(SigningKeyFault) {
            return try SigningKeys(
                SigningKeyFile(path: loaded.signingKeysPath),
                schedule: KeySchedule(period: Double(section.rotation.components.seconds)), now: now)
        } catch {
            throw .signingKeys(error)
        }
    }

    /// Whoever has to sign in to the console again is sent to the pages, where there are any.
    func links(_ http: HTTPClient, _ access: AWSAccess) -> ConsoleLinks {
        ConsoleLinks(
            signIn: ConsoleSignIn(
                http: http, endpoint: loaded.server.aws.signInEndpoint, console: loaded.server.aws.consoleURL,
                issuer: loaded.web?.origin),
            omitsDuration: access.omitsConsoleDuration, logger: logger, now: now)
    }

    /// `nil`: what is revoked isn't denied in IAM.
    func denials(_ records: SQLiteRecords, _ access: AWSAccess) -> RoleDenials? {
        loaded.server.aws.revocation.map { section in
            RoleDenials(
                records: records, iam: access.inlinePolicies(section), policyName: section.policyName, logger: logger,
                now: now)
        }
    }
}
