import HTTPExchange
import StrictYAML

/// What `audit` means: where the record of hand-outs goes, and what it names.
package struct AuditSettings: Sendable, Equatable {
    package enum Destination: Sendable, Equatable {
        /// The daemon's own log.
        case log
        case file(path: String, mode: UInt32)
        case none
    }

    package var destination: Destination
    /// Whether the processes at the other end of TCP connections are looked up.
    package var namesAllProcesses: Bool
    /// Within which repeats become one line.
    package var window: Duration

    init(_ section: DaemonConfiguration.Audit?) throws(SettingsFault) {
        destination = try Self.destination(of: section)
        namesAllProcesses = section?.processes ?? false
        let seconds = section?.window?.seconds ?? 300
        guard (1...86_400).contains(seconds) else { throw SettingsFault("audit.window", "must be 1s to 1d") }
        window = .seconds(seconds)
    }

    private static func destination(of section: DaemonConfiguration.Audit?) throws(SettingsFault) -> Destination {
        let word = section?.to ?? (section?.file == nil ? "log" : "file")
        guard word == "file" else {
            for (key, value) in [("file", section?.file), ("mode", section?.mode)] where value != nil {
                throw SettingsFault("audit.\(key)", "is for a file only, but audit.to is \(Excerpt.quoted(word))")
            }
            switch word {
            case "log": return .log
            case "none": return .none
            default: throw SettingsFault("audit.to", "must be log, file or none, but is \(Excerpt.quoted(word))")
            }
        }
        guard let path = section?.file else { throw SettingsFault("audit.file", "is required where audit.to is file") }
        try DaemonSettings.requirePath(path, at: "audit.file")
        let mode = section?.mode ?? "0600"
        guard let bits = DaemonSettings.fileMode(mode), bits == 0o600 || bits == 0o640 else {
            throw SettingsFault("audit.mode", "must be 0600 or 0640, but is \(Excerpt.quoted(mode))")
        }
        return .file(path: path, mode: UInt32(bits))
    }
}
