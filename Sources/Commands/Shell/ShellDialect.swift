import ArgumentParser

/// Shells, as far as setting and unsetting variables goes.
enum ShellDialect: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, posix, fish, powershell

    /// The one that `$SHELL` names; POSIX for all that are not known.
    init(shell: String?) {
        switch shell?.split(separator: "/").last {
        case "fish": self = .fish
        case "pwsh", "powershell": self = .powershell
        default: self = .posix
        }
    }

    /// `text` as one word that stands for itself.
    func quoted(_ text: String) -> String {
        switch self {
        // Between single quotes everything stands for itself, but the quote (POSIX.1, Shell Command Language 2.2.2).
        case .bash, .zsh, .posix: "'\(text.replacing("'", with: #"'\''"#))'"
        // In fish the backslash too is special there.
        case .fish: "'\(text.replacing("\\", with: #"\\"#).replacing("'", with: #"\'"#))'"
        // about_Quoting_Rules: two quotes for one.
        case .powershell: "'\(text.replacing("'", with: "''"))'"
        }
    }

    func set(_ name: String, _ value: String) -> String {
        switch self {
        case .bash, .zsh, .posix: "export \(name)=\(quoted(value))"
        case .fish: "set -gx \(name) \(quoted(value))"
        case .powershell: "$env:\(name) = \(quoted(value))"
        }
    }

    func unset(_ name: String) -> String {
        switch self {
        case .bash, .zsh, .posix: "unset \(name)"
        case .fish: "set -e \(name)"
        case .powershell: "Remove-Item -ErrorAction Ignore Env:\(name)"
        }
    }
}
