import BrokerAPI
import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import MetadataServer
import OIDC
import ServiceLifecycle

/// Asks the broker every 30 seconds what became of the requests under which credentials are held, and drops those that
/// were revoked. While the broker can't be asked, they live on until they expire. It asks for all users at once: one
/// whose identity provider hangs holds nobody else up.
struct RevocationWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(30) }

    /// The broker takes no more.
    private static var mostAtOnce: Int { 100 }

    let issued: IssuedGrants
    let signIns: SignInStore
    let cache: CredentialCache
    /// What the broker says of those requests of the token's owner, by their ids.
    let states: @Sendable ([String], Secret) async throws(BrokerClientError) -> [String: String]
    let clock: Sleeper
    let logger: Logger
    let now: @Sendable () -> Date

    func run() async {
        await cancelWhenGracefulShutdown {
            var next = clock.now.advanced(by: Self.pause)
            while (try? await clock.sleep(until: next, tolerance: nil)) != nil {
                // From the beginning of this look: what it takes doesn't put off the next one.
                next = clock.now.advanced(by: Self.pause)
                await lookAfterAll()
            }
        }
    }

    private func lookAfterAll() async {
        let living = issued.living(at: now())
        await Array(living.keys).forEachAtOnce { await look(after: living[$0] ?? [:], of: $0) }
    }

    private func look(after keys: [CredentialKey: IssuedGrants.Issued], of principal: Principal) async {
        do {
            let token = try await signIns.idToken(for: principal)
            var ids = Set(keys.values.map(\.requestID)).sorted()[...]
            while !ids.isEmpty {
                let states = try await states(Array(ids.prefix(Self.mostAtOnce)), token)
                for (key, issued) in keys where states[issued.requestID] == "revoked" { drop(key, issued.requestID) }
                ids = ids.dropFirst(Self.mostAtOnce)
            }
        } catch {
            logger.debug("revocations unknown", metadata: ["principal": "\(principal)", "reason": "\(error)"])
        }
    }

    /// Leaves alone what is held under a newer request by now.
    private func drop(_ key: CredentialKey, _ requestID: String) {
        guard issued.requestID(of: key) == requestID else { return }
        // Looked at again under the cache's lock: which request it is is noted before the cache gets the credentials.
        cache.forget(now: now()) { $0 == key && issued.requestID(of: $0) == requestID }
        issued.forget(requestID, of: key)
        logger.warning(
            "credentials revoked",
            metadata: ["role": "\(key.role)", "principal": "\(key.principal)", "request": "\(requestID)"])
    }
}
