package import Logging
import Synchronization

/// What is logged, so that a test can read it and wait for it.
package final class LogLines: Sendable {
    private struct State {
        var messages: [String] = []
        var lines: [String] = []
    }

    private let state = Mutex(State())
    private let lowest: Logger.Level

    /// - Parameter lowest: what is below is left out, unless the logger is told another level.
    package init(from lowest: Logger.Level = .trace) { self.lowest = lowest }

    /// A logger whose lines come here.
    package var logger: Logger { Logger(label: "test") { _ in Handler(lines: self, logLevel: self.lowest) } }

    /// Each as `LEVEL MESSAGE KEY=VALUE …`: the logger's own facts and then the line's, each by their keys. An error that
    /// comes with a line ends it.
    package var lines: [String] { state.withLock { $0.lines } }

    /// Returns once `message` has been logged. Throws after a minute.
    package func has(_ message: String) async throws {
        try await awaited("\(message) is logged") { state.withLock { $0.messages.contains(message) } }
    }

    private func add(_ event: LogEvent, from own: Logger.Metadata) {
        let message = "\(event.message)"
        var parts = ["\(event.level)", message]
        for metadata in [own, event.metadata ?? [:]] {
            parts += metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        }
        if let error = event.error { parts.append("\(error)") }
        let line = parts.joined(separator: " ")
        state.withLock { state in
            state.messages.append(message)
            state.lines.append(line)
        }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event, from: metadata) }
    }
}
