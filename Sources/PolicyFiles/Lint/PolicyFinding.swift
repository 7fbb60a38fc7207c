import StrictYAML

/// Something about policy files that is wrong, or likely to fail.
package struct PolicyFinding: Codable, Sendable, Equatable, CustomStringConvertible {
    package enum Severity: String, Codable, Sendable { case error, warning }

    package var severity: Severity
    package var file: String
    /// Both count from 1; absent where no one place is wrong.
    package var line: Int?
    package var column: Int?
    package var message: String

    init(_ severity: Severity, _ problem: InvalidYAML) {
        self.severity = severity
        file = problem.file
        line = problem.position?.line
        column = problem.position?.column
        message = problem.message
    }

    /// `FILE:LINE:COLUMN: error: MESSAGE`, as compilers write it.
    package var description: String {
        let place = [file, line.map { "\($0)" }, column.map { "\($0)" }].compactMap(\.self).joined(separator: ":")
        return "\(place): \(severity.rawValue): \(message)"
    }
}
