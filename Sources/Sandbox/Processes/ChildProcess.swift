import Glibc
import ServiceLifecycle
package import Subprocess

/// A program of the product that runs as long as the sandbox does.
///
/// It may not outlive the sandbox, not even a killed one: `setpriv --pdeathsig` (util-linux) has the kernel kill it when the
/// thread that started it dies, and that thread, Subprocess's only worker, lives to the end of the process (prctl(2),
/// PR_SET_PDEATHSIG). The shell then checks that the sandbox has not died in between, and turns into the program.
package struct ChildProcess: Service {
    package let name: String
    package let executable: String
    package let arguments: [String]
    package let environment: Environment
    package let state: StateDirectory
    /// The file in the state directory that takes what the program prints.
    package let log: String
    /// Tells the process id once it runs.
    package let started: Announcement<Int32>

    package init(
        name: String, executable: String, arguments: [String], environment: Environment, state: StateDirectory,
        log: String
    ) throws(SandboxError) {
        guard access(executable, X_OK) == 0 else { throw .executableMissing(path: executable) }
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.state = state
        self.log = log
        started = Announcement()
    }

    /// Returns after a graceful stop (SIGTERM, five seconds, SIGKILL). Throws when the program ends by itself.
    package func run() async throws {
        let status: String
        do {
            status = try await cancelWhenGracefulShutdown { try await runToEnd() }
        } catch is CancellationError {
            return
        }
        guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return }
        throw SandboxError.childEnded(
            name: name, status: status, log: state.file(log), lastLines: state.lastLines(of: log))
    }

    private func runToEnd() async throws -> String {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        // Its own process group, so that Ctrl-C in a terminal reaches the sandbox alone, which then stops it in order.
        options.processGroupID = 0
        let script = #"test "$PPID" = "$1" || exit 1; log=$2; shift 2; exec "$@" >"$log" 2>&1"#
        let outcome = try await Subprocess.run(
            .name("setpriv"),
            arguments: Arguments(
                ["--pdeathsig", "KILL", "sh", "-c", script, "sh", "\(getpid())", state.file(log), executable]
                    + arguments),
            environment: environment, platformOptions: options, input: .none, output: .discarded, error: .discarded
        ) { execution in
            started.announce(execution.processIdentifier.value)
        }
        return "\(outcome.terminationStatus)"
    }
}
