import Glibc
import Synchronization

/// One line on a terminal's standard error while something takes longer than half a second; gone before anything else is said.
final class ProgressLine: Sendable {
    static let shared = ProgressLine()
    static let patience = Duration.milliseconds(500)

    private enum State {
        case quiet, shown, stopped
    }

    private let state = Mutex(State.quiet)

    /// Shows it after a while; ends when it is cancelled.
    func appear(_ text: String) async {
        guard Terminal.isTerminal(STDERR_FILENO), (try? await ContinuousClock().sleep(for: Self.patience)) != nil else {
            return
        }
        state.withLock { state in
            guard state == .quiet else { return }
            state = .shown
            Self.put("\r\(text) …\u{1B}[K")
        }
    }

    /// For good: from here on there is something else to look at.
    func stop() {
        state.withLock { state in
            if state == .shown { Self.put("\r\u{1B}[K") }
            state = .stopped
        }
    }

    /// What was waited for is there; the next wait may show it again.
    func clear() {
        state.withLock { state in
            guard state == .shown else { return }
            Self.put("\r\u{1B}[K")
            state = .quiet
        }
    }

    /// For a while: a line that changes, in the same place.
    func show(_ text: String) {
        guard Terminal.isTerminal(STDERR_FILENO) else { return }
        state.withLock { state in
            state = .shown
            Self.put("\r\(text)\u{1B}[K")
        }
    }

    private static func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
