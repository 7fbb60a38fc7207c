/// What rules may ask about a process. What can't be found out is `nil` and fits no rule.
package struct ProcessFacts: Sendable, Hashable {
    package let processID: Int32
    /// The path of the program, which is the same file for the daemon. For a script, the interpreter's.
    package let executable: String?
    /// The path of the control group, from the root that the daemon sees: `/system.slice/backup.service`.
    package let controlGroup: String?

    package init(processID: Int32, executable: String?, controlGroup: String?) {
        self.processID = processID
        self.executable = executable
        self.controlGroup = controlGroup
    }

    /// The unit of the system's service manager. A user's own units do not count, whatever they are called: they lie within
    /// the system's `user@1000.service`.
    package var systemUnit: String? { controlGroup.flatMap(ControlGroup.systemUnit) }

    /// Whether the process is in the control group at `path`, or in one below it.
    package func isWithin(controlGroup path: String) -> Bool {
        guard let controlGroup else { return false }
        return controlGroup == path || controlGroup.hasPrefix(path.hasSuffix("/") ? path : path + "/")
    }
}

/// Reads /proc/PID/cgroup (cgroups(7)).
enum ControlGroup {
    /// From lines of `number:controllers:path`: the unified hierarchy's, or that of systemd where there is none. `nil` for a
    /// group outside of what the daemon's cgroup namespace shows.
    static func path(in text: String) -> String? {
        var found: Substring?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1] == "name=systemd" { found = fields[2] }
            if fields[0] == "0", fields[1].isEmpty, found == nil { found = fields[2] }
        }
        guard let found, found.hasPrefix("/"), !found.split(separator: "/").contains("..") else { return nil }
        return String(found)
    }

    /// The first service or scope below the slices. A leading underscore is systemd's escape.
    static func systemUnit(of path: String) -> String? {
        guard var name = path.split(separator: "/").first(where: { !$0.hasSuffix(".slice") }) else { return nil }
        if name.hasPrefix("_") { name = name.dropFirst() }
        return name.hasSuffix(".service") || name.hasSuffix(".scope") ? String(name) : nil
    }
}
