import ArgumentParser

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print what a shell needs to complete stsbroker's words.",
        discussion: """
            bash:  stsbroker completions bash > ~/.local/share/bash-completion/completions/stsbroker
            zsh:   stsbroker completions zsh > "${fpath[1]}/_stsbroker"
            fish:  stsbroker completions fish > ~/.config/fish/completions/stsbroker.fish
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws { print(try text) }

    var text: String {
        get throws {
            let kind: CompletionShell =
                switch shell {
                case .bash: .bash
                case .zsh: .zsh
                case .fish: .fish
                }
            let script = StsbrokerCommand.completionScript(for: kind)
            return json ? try JSONText.of(["shell": shell.rawValue, "script": script]) : script
        }
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        print(json ? try JSONText.of(["version": Version.text]) : "stsbroker \(Version.text)")
    }
}

/// The version of everything in this package.
enum Version {
    static let text = "0.1.0"
}
