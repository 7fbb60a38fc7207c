import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Policies and teams, for those who govern them.",
        subcommands: [PolicyImportCommand.self, PolicyPushCommand.self, PolicyListCommand.self])
}
