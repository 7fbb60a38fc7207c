/// Quoting for POSIX shells.
package enum ShellQuoting {
    /// In single quotes everything stands for itself, but the single quote (POSIX.1, Shell Command Language 2.2.2).
    package static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
