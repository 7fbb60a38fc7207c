import ArgumentParser
import DaemonAPI
import HTTPExchange

struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Tell who is signed in, and where the sign-in is kept.",
        discussion: "Exit status: 3 if nobody is.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let status = try await session.daemon.status()
            if json {
                print(try JSONText.of(status.signIn))
            } else if status.signIn.state == .signedIn {
                print(
                    "\(status.signIn.subject ?? "unknown") at \(status.provider.issuer), \(Self.place(of: status.signIn))"
                )
            }
            guard status.signIn.state == .signedIn else {
                throw Obstacle("Nobody is signed in; run: stsbroker login", code: CommandFailure.signInRequired)
            }
        }
    }

    static func place(of signIn: SignInStatus) -> String {
        switch signIn.keySource {
        case nil: "kept in the daemon's memory until it stops"
        case "credential": "kept on disk, sealed with the key in systemd's credentials"
        case "keyring": "kept on disk, sealed with the key in the kernel's keyring"
        default: "kept on disk, sealed with the key in a file beside it"
        }
    }
}

struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract:
            "Forget your sign-in, your credentials and the tokens of running commands, and end the sign-in at the identity provider.",
        discussion: "What programs have read already is good until it expires.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            let answer = try await session.daemon.signOut()
            print(json ? try JSONText.of(answer) : Self.text(answer))
        }
    }

    static func text(_ answer: SignOutAnswer) -> String {
        switch answer.refreshToken {
        case .none: "Signed out."
        case .revoked: "Signed out, also at the identity provider."
        case .notRevoked:
            "Signed out here. The identity provider still knows the sign-in: \(Excerpt.line(answer.reason ?? "unknown"))."
        }
    }
}

struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Have the daemon drop your credentials and fetch none, until you unlock it.",
        discussion: "You stay signed in. What programs have read already is good until it expires.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            try await session.daemon.setLocked(true)
            print(json ? try JSONText.of(["locked": true]) : "Locked. Programs get nothing until: stsbroker unlock")
        }
    }
}

struct UnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Let the daemon fetch credentials for you again.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Session.run(daemon) { session in
            try await session.daemon.setLocked(false)
            print(json ? try JSONText.of(["locked": false]) : "Unlocked.")
        }
    }
}
