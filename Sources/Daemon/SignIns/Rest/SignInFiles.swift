import CallerIdentity
import CredentialCache
import Credentials
import FoundationEssentials
import Logging
import MetadataServer
import OIDC

/// Sign-ins on disk, one file for each local user, sealed with AES-256-GCM. The user's id is authenticated along with the contents, so
/// that no file can stand in for another user's.
package struct SignInFiles: Sendable {
    private let folder: StateFolder
    private let sealed: SealedFolder
    package let keySource: StateKey.Source
    private let provider: KeptSignIn.Provider
    private let logLines = CallerLogLines()
    private let logger: Logger

    /// - Parameter issuer: sign-ins with others are no good here.
    init(folder: StateFolder, key: StateKey, issuer: String, clientID: String, logger: Logger) {
        self.folder = folder
        keySource = key.source
        sealed = SealedFolder(folder: folder, key: key.signIns, header: "stsbrokerd sign-in 1\n")
        provider = KeptSignIn.Provider(issuer: issuer, clientID: clientID)
        self.logger = logger
    }

    /// All that can be opened; the others are named in the log and set aside.
    func load() -> [Principal: SignInSession] {
        var sessions: [Principal: SignInSession] = [:]
        for name in folder.names {
            guard let user = Self.user(ofFile: name) else { continue }
            do throws(StateFault) {
                sessions[.localUser(user)] = try opened(name, of: user)
            } catch {
                logger.error(
                    "kept sign-in refused", metadata: ["file": "\(folder.path)/\(name)", "reason": "\(error)"])
                folder.setAside(name)
            }
        }
        return sessions
    }

    /// Failing is logged: the sign-in then lasts as long as the daemon.
    func keep(_ session: SignInSession, of principal: Principal) {
        do throws(StateFault) {
            let kept = KeptSignIn(
                provider: provider, idToken: session.idToken.revealed(),
                refreshToken: session.refreshToken?.revealed(),
                refreshTokenEnd: session.refreshTokenEnd?.timeIntervalSince1970)
            try sealed.write(
                kept, to: Self.file(ofUser: principal.userID), context: Self.statement(principal.userID))
        } catch {
            log("sign-in not kept", of: principal, error)
        }
    }

    func forget(_ principal: Principal) {
        do throws(StateFault) {
            try folder.remove(Self.file(ofUser: principal.userID))
        } catch {
            log("kept sign-in not removed", of: principal, error)
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
            log("lock not kept", of: principal, error)
        }
    }

    private func log(_ message: Logger.Message, of principal: Principal, _ fault: StateFault) {
        logLines.write(.error, message, countedFor: .user(principal.userID), to: logger) {
            ["principal": "\(principal)", "reason": "\(fault)"]
        }
    }

    private func opened(_ name: String, of user: UInt32) throws(StateFault) -> SignInSession {
        let kept = try sealed.open(name, as: KeptSignIn.self, context: Self.statement(user))
        guard kept.provider == provider else {
            throw StateFault("it is of another identity provider than the configured one")
        }
        do throws(SignInError) {
            return try SignInSession(
                idToken: Secret(kept.idToken), refreshToken: kept.refreshToken.map { Secret($0) },
                refreshTokenEnd: kept.refreshTokenEnd.map { Date(timeIntervalSince1970: $0) })
        } catch {
            throw StateFault("its token is none")
        }
    }

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
    /// In seconds since 1970; absent if it isn't known, as in files that older versions wrote.
    let refreshTokenEnd: Double?
}
