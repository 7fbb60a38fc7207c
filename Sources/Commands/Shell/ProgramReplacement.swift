import ArgumentParser
import Glibc

/// Makes another program of this process.
enum ProgramReplacement {
    /// Returns only if that failed.
    static func run(_ command: [String]) -> ProgramFailure {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        // The threads that Swift's tasks run on block most signals, and a program inherits that from the thread that starts it.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execvp(command.first ?? "", &arguments)
        let number = errno
        return ProgramFailure(
            program: command.first ?? "", reason: String(cString: strerror(number)), isMissing: number == ENOENT)
    }
}

/// A program that can't be run.
struct ProgramFailure: Error, Equatable {
    let program: String
    let reason: String
    let isMissing: Bool

    /// As shells have it.
    var exitCode: ExitCode { ExitCode(isMissing ? 127 : 126) }
}

/// Whether a closed pipe ends this process, as it was before libraries decided otherwise; programs inherit that.
struct SignalDispositions {
    private var pipe = sigaction()

    init() {
        sigaction(SIGPIPE, nil, &pipe)
    }

    func restore() {
        var before = pipe
        sigaction(SIGPIPE, &before, nil)
    }
}
