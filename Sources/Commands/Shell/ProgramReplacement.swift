import ArgumentParser
import Glibc

/// Makes another program of this process.
enum ProgramReplacement {
    /// Returns only if that failed, with the shells' exit status for it.
    static func run(_ command: [String]) -> (code: ExitCode, reason: String) {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        // The threads that Swift's tasks run on block most signals, and a program inherits that from the thread that starts it.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execvp(command.first ?? "", &arguments)
        let number = errno
        return (ExitCode(number == ENOENT ? 127 : 126), String(cString: strerror(number)))
    }
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
