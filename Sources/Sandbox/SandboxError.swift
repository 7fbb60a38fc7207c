/// Why the sandbox can't start, or stopped.
package enum SandboxError: Error, Equatable, CustomStringConvertible {
    /// Another sandbox holds the state directory.
    case alreadyRunning(stateDirectory: String)
    /// The state directory can't be used as it is.
    case stateDirectory(path: String, problem: String)
    /// A Unix socket in the state directory would have a path that the kernel doesn't take.
    case pathTooLong(path: String)
    case file(path: String, problem: String)
    case executableMissing(path: String)
    case childEnded(name: String, status: String, log: String, lastLines: String)
    case notReady(name: String, log: String, problem: String)

    package var description: String {
        switch self {
        case .alreadyRunning(let directory):
            "another sandbox is running on '\(directory)'; stop it, or name another directory with --state-dir"
        case .stateDirectory(let path, let problem):
            "the state directory '\(path)' can't be used: \(problem); name another one with --state-dir"
        case .pathTooLong(let path):
            "the socket path '\(path)' has over 107 bytes, more than Unix sockets take; name a shorter directory with "
                + "--state-dir"
        case .file(let path, let problem):
            "can't write '\(path)': \(problem)"
        case .executableMissing(let path):
            "there is no executable '\(path)'; build it with 'swift build', or name its directory with --bin-dir"
        case .childEnded(let name, let status, let log, let lastLines):
            "\(name) ended unexpectedly (\(status)); its log '\(log)' ends with:\n\(lastLines)"
        case .notReady(let name, let log, let problem):
            "\(name) did not become ready: \(problem); see its log '\(log)'"
        }
    }
}
