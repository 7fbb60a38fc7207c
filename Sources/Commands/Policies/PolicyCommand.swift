import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Policies and teams, for those who write and govern them.",
        subcommands: [
            PolicyLintCommand.self, PolicyTestCommand.self, PolicyExplainCommand.self, PolicyImportCommand.self,
            PolicyPushCommand.self, PolicyListCommand.self,
        ])
}
