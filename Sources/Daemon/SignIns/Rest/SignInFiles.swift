import CredentialCache
import Credentials
import Cryptography
import HTTPExchange
package import Logging
import OIDC

/// Sign-ins on disk, one file for each local user, sealed with AES-256-GCM. The user's id is authenticated along with the contents, so
/// that no file can stand in for another user's.
package struct SignInFiles: Sendable {
    private let folder: StateFolder
    private let stateKey: StateKey
    private let provider: KeptSignIn.Provider
    private let logger: Logger

    package var keySource: StateKey.Source { stateKey.source }

    /// - Parameter issuer: sign-ins with others are no good here.
    package init(
        directory: String, issuer: String, clientID: String, environment: [String: String], logger: Logger
    ) throws(StateFault) {
        let folder = try StateFolder(path: directory)
        try self.init(
            folder: folder, key: StateKey.found(in: folder, environment: environment), issuer: issuer,
            clientID: clientID,
            logger: logger)
    }

    init(folder: StateFolder, key: StateKey, issuer: String, clientID: String, logger: Logger) {
        self.folder = folder
        stateKey = key
        provider = KeptSignIn.Provider(issuer: issuer, clientID: clientID)
        self.logger = logger
    }

    /// All that can be opened; the others are named in the log and set aside.
    func load() -> [Principal: SignInSession] {
        var sessions: [Principal: SignInSession] = [:]
        for name in folder.names {
            guard let user = Self.user(ofFile: name) else { continue }
            switch opened(name, of: user) {
            case .success(let session): sessions[.localUser(user)] = session
            case .failure(let fault):
                logger.error(
                    "kept sign-in refused", metadata: ["file": "\(folder.path)/\(name)", "reason": "\(fault)"])
                folder.setAside(name)
            }
        }
        return sessions
    }

    /// Failing is logged: the sign-in then lasts as long as the daemon.
    func keep(_ session: SignInSession, of principal: Principal) {
        do throws(StateFault) {
            let kept = KeptSignIn(
                provider: provider, idToken: session.idToken.revealed(), refreshToken: session.refreshToken?.revealed())
            guard
                let sealed = StrictJSON.encode(kept)?.withUnsafeBytes({
                    stateKey.key.seal($0, context: Self.statement(principal.userID))
                })
            else { throw StateFault("it can't be sealed") }
            try folder.write(Self.magic + sealed, to: Self.file(ofUser: principal.userID))
        } catch {
            logger.error("sign-in not kept", metadata: ["principal": "\(principal)", "reason": "\(error)"])
        }
    }

    func forget(_ principal: Principal) {
        do throws(StateFault) {
            try folder.remove(Self.file(ofUser: principal.userID))
        } catch {
            logger.error("kept sign-in not removed", metadata: ["principal": "\(principal)", "reason": "\(error)"])
        }
    }

    /// For whom the daemon is locked.
    func loadLocked() -> Set<Principal> {
        Set(
            folder.names.filter { $0.hasSuffix(Self.lockSuffix) }
                .compactMap { UInt32($0.dropLast(Self.lockSuffix.count)).map { .localUser($0) } })
    }

    func keepLocked(_ isLocked: Bool, _ principal: Principal) {
        let name = "\(principal.userID)\(Self.lockSuffix)"
        do throws(StateFault) {
            if isLocked { try folder.write([], to: name) } else { try folder.remove(name) }
        } catch {
            logger.error("lock not kept", metadata: ["principal": "\(principal)", "reason": "\(error)"])
        }
    }

    private func opened(_ name: String, of user: UInt32) -> Result<SignInSession, StateFault> {
        switch folder.read(name) {
        case .absent: return .failure(StateFault("it is gone"))
        case .unusable(let reason): return .failure(StateFault("it \(reason)"))
        case .contents(let bytes):
            guard bytes.starts(with: Self.magic) else { return .failure(StateFault("it is no sign-in")) }
            let sealed = Array(bytes.dropFirst(Self.magic.count))
            let opened = stateKey.key.open(sealed, context: Self.statement(user)) {
                StrictJSON.decode(KeptSignIn.self, from: $0)
            }
            guard let opened else {
                return .failure(
                    StateFault("it was sealed with another key, for another user, or has changed since; sign in again"))
            }
            guard let kept = opened, kept.provider == provider else {
                return .failure(StateFault("it is of another identity provider than the configured one"))
            }
            guard
                let session = try? SignInSession(
                    idToken: Secret(kept.idToken), refreshToken: kept.refreshToken.map { Secret($0) })
            else { return .failure(StateFault("its token is none")) }
            return .success(session)
        }
    }

    private static let magic = Array("stsbrokerd sign-in 1\n".utf8)
    private static let suffix = ".sign-in"
    private static let lockSuffix = ".locked"

    static func file(ofUser user: UInt32) -> String { "\(user)\(suffix)" }

    private static func user(ofFile name: String) -> UInt32? {
        guard name.hasSuffix(suffix), let user = UInt32(name.dropLast(suffix.count)), file(ofUser: user) == name else {
            return nil
        }
        return user
    }

    private static func statement(_ user: UInt32) -> String { "uid \(user)" }
}

/// What a file holds, inside the seal.
struct KeptSignIn: Codable {
    struct Provider: Codable, Equatable {
        let issuer: String
        let clientID: String
    }

    let provider: Provider
    let idToken: String
    let refreshToken: String?
}
