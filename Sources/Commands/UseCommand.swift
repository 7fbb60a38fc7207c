import ArgumentParser
import DaemonAPI

struct UseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: "Choose the role that IMDS, and the container endpoint where none is named, offer you from now on.",
        discussion: "Other users of this machine keep theirs. The daemon remembers the choice until it ends.")

    @OptionGroup var daemon: DaemonOptions

    @Flag(name: .customLong("default"), help: "Go back to the default role of the daemon's configuration.")
    var usesDefault = false

    @Argument(help: "The role, as stsbroker status lists it.")
    var role: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard usesDefault == (role == nil) else { throw ValidationError("Name a role, or say --default.") }
    }

    func run() async throws {
        try await Session.run(daemon) { session in
            try await session.daemon.use(role: role)
            if json { return print(try JSONText.of(["default_role": role])) }
            print(
                role.map { "You are offered \($0) where no role is named." }
                    ?? "You are offered the default role again.")
        }
    }
}
