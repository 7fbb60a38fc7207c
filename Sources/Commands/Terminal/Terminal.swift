import FoundationEssentials
import Glibc

/// What a person looks at, if anybody does.
enum Terminal {
    static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

    /// Of standard output, in columns; `nil` in a pipe or a file, where nothing need fit.
    static var width: Int? {
        guard isTerminal(STDOUT_FILENO) else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// https://no-color.org: any text but an empty one switches colours off.
    static var hasColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal(STDOUT_FILENO) && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// A line that a person types; `nil` at the end of input.
    static func answer(to question: String) -> String? {
        ProgressLine.shared.stop()
        let bytes = Array("\(question) ".utf8)
        write(STDERR_FILENO, bytes, bytes.count)
        return readLine()
    }
}

/// Colours that most terminals have, for what deserves a second look.
enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33

    func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

/// Standard output, for what a verb was asked for.
func print(_ text: String) {
    ProgressLine.shared.stop()
    Swift.print(text)
}

/// Messages for the person, apart from what a script reads.
func tell(_ text: String) {
    ProgressLine.shared.stop()
    let line = Array("\(text)\n".utf8)
    // Nothing better could be done about a closed standard error.
    _ = write(STDERR_FILENO, line, line.count)
}
