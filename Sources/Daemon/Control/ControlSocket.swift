import CallerIdentity
import CredentialCache
import Glibc
import MetadataServer
import Systemd

/// Where the control socket comes from, and who may connect to it.
struct ControlSocket: Sendable {
    private let passed: PassedSockets
    /// Then its mode is the service manager's business.
    private let isPassed: Bool

    init(path: String, passed: PassedSockets) {
        self.passed = passed
        isPassed = passed.left.contains { $0.address == .file(path) }
    }

    /// Takes over the socket that the service manager has bound, or else binds one.
    func bind(_ settings: DaemonSettings) throws(ListenerError) -> UnixSocketFile {
        let path = settings.controlSocket
        if let socket = passed.take(.file(path)) { return UnixSocketFile(passed: socket.descriptor, path: path) }
        return try UnixSocketFile(listener: "control", path: path, mode: Self.mode(settings))
    }

    /// Lets those connect of whom the new settings speak.
    func adopt(_ new: DaemonSettings) {
        if !isPassed { chmod(new.controlSocket, Self.mode(new)) }
    }

    /// Others may connect only if a rule may speak of them, or use their sign-in; the uid is checked at each connection in any case.
    private static func mode(_ settings: DaemonSettings) -> UInt32 {
        let own = geteuid()
        let isForOwnUser = settings.callerRules.allSatisfy { rule in
            (rule.network != nil || rule.user == own) && rule.principal ?? .localUser(own) == .localUser(own)
        }
        return isForOwnUser ? 0o600 : 0o666
    }
}
