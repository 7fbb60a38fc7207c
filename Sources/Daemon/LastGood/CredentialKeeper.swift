import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import MetadataServer
import ServiceLifecycle

/// Keeps on disk what the cache holds, so that a restart while the broker can't be reached takes nobody's credentials away. Files are
/// written in the order of the cache's changes: what was dropped is gone from disk, too.
final class CredentialKeeper: Service {
    private struct Change: Sendable {
        let key: CredentialKey
        /// `nil`: dropped.
        let credentials: SessionCredentials?
    }

    private let files: CredentialFiles
    private let brokerURL: String
    private let issued: IssuedGrants
    private let role: @Sendable (CredentialKey) -> OfferedRole?
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let changes: AsyncStream<Change>
    private let continuation: AsyncStream<Change>.Continuation

    /// - Parameter role: what a key means now.
    init(
        files: CredentialFiles, brokerURL: String, issued: IssuedGrants,
        role: @escaping @Sendable (CredentialKey) -> OfferedRole?, logger: Logger, now: @escaping @Sendable () -> Date
    ) {
        self.files = files
        self.brokerURL = brokerURL
        self.issued = issued
        self.role = role
        self.logger = logger
        self.now = now
        (changes, continuation) = AsyncStream.makeStream()
    }

    /// For the cache to tell; returns at once.
    func note(_ key: CredentialKey, _ credentials: SessionCredentials?) {
        continuation.yield(Change(key: key, credentials: credentials))
    }

    /// Writes until graceful shutdown, and then what had happened before it.
    func run() async {
        await withGracefulShutdownHandler {
            var kept: [Principal: [String: KeptCredentials.Role]] = [:]
            for await change in changes {
                let user = change.key.principal
                var roles = kept[user] ?? (try? files.read(user.userID)).map(Self.byName) ?? [:]
                roles[change.key.role] = role(change)
                let earliest = now().timeIntervalSince1970
                kept[user] = roles.filter { $0.value.expiration > earliest }
                write(kept[user] ?? [:], of: user)
            }
        } onGracefulShutdown: {
            self.finish()
        }
    }

    /// Takes no more changes; ``run()`` ends with those that it has.
    func finish() { continuation.finish() }

    private func role(_ change: Change) -> KeptCredentials.Role? {
        guard let credentials = change.credentials, let role = role(change.key) else { return nil }
        return KeptCredentials.Role(credentials, of: role, requestID: issued.requestID(of: change.key), arrived: now())
    }

    private func write(_ roles: [String: KeptCredentials.Role], of user: Principal) {
        let kept = KeptCredentials(brokerURL: brokerURL, roles: roles.values.sorted { $0.name < $1.name })
        do throws(StateFault) {
            try files.write(kept, of: user.userID)
        } catch {
            logger.error("credentials not kept", metadata: ["principal": "\(user)", "reason": "\(error)"])
        }
    }

    private static func byName(_ kept: KeptCredentials) -> [String: KeptCredentials.Role] {
        Dictionary(kept.roles.map { ($0.name, $0) }) { first, _ in first }
    }
}

extension CredentialKeeper {
    /// Gives the cache what is on disk and still good: of people who are signed in and not locked, for roles that still mean the same.
    /// What can't be used is named in the log and set aside.
    ///
    /// - Parameter isOffered: whether the key still means that role, and a rule would give it to somebody.
    func restore(
        into cache: CredentialCache, signIns: SignInStore,
        isOffered: @Sendable (OfferedRole, CredentialKey) -> Bool
    ) async {
        for user in files.users {
            let principal = Principal.localUser(user)
            do throws(StateFault) {
                if files.isOfEarlierBoot(user) {
                    logger.info("kept credentials are of an earlier boot", metadata: ["principal": "\(principal)"])
                    try files.remove(user)
                    continue
                }
                let kept = try files.read(user)
                guard kept.brokerURL == brokerURL else { throw StateFault("it is of another broker") }
                guard await signIns.current(principal) != nil, await !signIns.isLocked(principal) else {
                    throw StateFault("nobody is signed in to whom it belongs")
                }
                let count = kept.roles.count { restore($0, of: principal, into: cache, isOffered) }
                logger.info("kept credentials restored", metadata: ["principal": "\(principal)", "roles": "\(count)"])
            } catch {
                logger.error(
                    "kept credentials refused", metadata: ["file": "\(files.path(of: user))", "reason": "\(error)"])
                files.setAside(user)
            }
        }
    }

    private func restore(
        _ role: KeptCredentials.Role, of principal: Principal, into cache: CredentialCache,
        _ isOffered: (OfferedRole, CredentialKey) -> Bool
    ) -> Bool {
        let key = CredentialKey(principal: principal, role: role.name)
        guard let credentials = role.credentials, credentials.expiration > now(), isOffered(role.offered, key),
            cache.restore(key, credentials, arrived: Date(timeIntervalSince1970: role.arrived), now: now())
        else { return false }
        if let requestID = role.requestID { issued.note(requestID, for: key, until: credentials.expiration) }
        return true
    }
}
