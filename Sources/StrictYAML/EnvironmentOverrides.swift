import Synchronization

/// Environment variables that replace scalars and lists of the file, and which of them found their scalar.
final class EnvironmentOverrides: Sendable {
    private let values: [String: String]
    private let prefix: String
    private let unused: Mutex<Set<String>>

    init(environment: [String: String], prefix: String?) {
        self.prefix = prefix.map { $0 + "_" } ?? ""
        let start = self.prefix
        values = start.isEmpty ? [:] : environment.filter { $0.key.hasPrefix(start) }
        unused = Mutex(Set(values.keys))
    }

    /// The variable's value for the scalar or list at `path`, with the variable's name; marks it as used.
    func value(at path: [String]) -> (name: String, text: String)? {
        guard !values.isEmpty, let name = name(of: path), let text = values[name] else { return nil }
        unused.withLock { _ = $0.remove(name) }
        return (name, text)
    }

    /// Whether a variable stands for `path` or for something below it.
    func reaches(_ path: [String]) -> Bool {
        guard !values.isEmpty, let name = name(of: path) else { return false }
        return values.keys.contains { $0 == name || $0.hasPrefix(name + "_") }
    }

    func requireAllUsed() throws(InvalidYAML) {
        guard let name = unused.withLock({ $0.min() }) else { return }
        throw InvalidYAML(
            file: "environment variable \(name)", position: nil, message: "names no setting; check its spelling")
    }

    /// The variable for `path`. `nil` below a list, whose elements have no names, and where no variable counts.
    func name(of path: [String]) -> String? {
        guard !prefix.isEmpty, !path.isEmpty, path.allSatisfy({ !$0.hasPrefix("[") }) else { return nil }
        return prefix + path.joined(separator: "_").uppercased()
    }
}
