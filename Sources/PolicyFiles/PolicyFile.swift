package import AccessControl
import FoundationEssentials
package import StrictYAML

/// `policies.yaml`: the policies and the teams that may request them. It may be a directory instead, whose `*.yaml` files hold
/// some of either each and are read as one.
package enum PolicyFile {
    /// Reads and checks it, AWS's limits included. Errors name file, line and column.
    package static func read(path: String) throws(InvalidYAML) -> CheckedCatalog {
        guard isDirectory(path) else { return try StrictYAML.read(CheckedCatalog.self, path: path) }
        var parts: [CatalogPart] = []
        for file in try files(at: path) { parts.append(try StrictYAML.read(CatalogPart.self, path: file)) }
        do throws(InvalidCatalog) {
            return try CheckedCatalog(policies: parts.flatMap(\.policies), teams: parts.flatMap(\.teams))
        } catch {
            throw InvalidYAML(file: path, position: nil, message: "is inconsistent: \(error)")
        }
    }

    /// The file itself, or the files of the directory, sorted.
    static func files(at path: String) throws(InvalidYAML) -> [String] {
        guard isDirectory(path) else { return [path] }
        return try names(in: path).map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    /// Sorted. Those that begin with a dot belong to editors and to Kubernetes.
    private static func names(in directory: String) throws(InvalidYAML) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw InvalidYAML(file: directory, position: nil, message: "the directory can't be read")
        }
        let own = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
        guard !own.isEmpty else {
            throw InvalidYAML(file: directory, position: nil, message: "the directory has no file *.yaml")
        }
        return own
    }

    /// The same for a text; `file` is the name to use in errors.
    package static func decode(_ text: String, file: String) throws(InvalidYAML) -> CheckedCatalog {
        try StrictYAML.decode(CheckedCatalog.self, from: text, file: file)
    }
}

/// A catalog that keeps every rule that can be checked before somebody makes a request.
package struct CheckedCatalog: Decodable, Sendable {
    package let catalog: PolicyCatalog

    private struct Fields: Decodable {
        let policies: [UsablePolicyEntry]
        let teams: [TeamEntry]
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        do throws(InvalidCatalog) {
            try self.init(policies: fields.policies.map(\.policy), teams: fields.teams.map(\.team))
        } catch {
            throw decoder.refusal("is inconsistent: \(error)")
        }
    }

    /// Allows nothing.
    package static let empty = CheckedCatalog()

    private init() {
        catalog = .empty
    }

    fileprivate init(policies: [AccessPolicy], teams: [Team]) throws(InvalidCatalog) {
        catalog = try PolicyCatalog(policies: policies, teams: teams)
    }

    /// What is allowed, and likely to fail all the same.
    /// - Parameter hasTargets: whether there are notification targets that a policy can name.
    package func warnings(hasTargets: Bool = false) -> [PolicyWarning] {
        catalog.policies.flatMap { PolicyWarning.warnings(for: $0, hasTargets: hasTargets) }
    }
}

/// One of several files.
private struct CatalogPart: Decodable {
    let policies: [AccessPolicy]
    let teams: [Team]

    private struct Fields: Decodable {
        let policies: [UsablePolicyEntry]?
        let teams: [TeamEntry]?
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        policies = fields.policies?.map(\.policy) ?? []
        teams = fields.teams?.map(\.team) ?? []
    }
}

/// One team of `policies.yaml`.
struct TeamEntry: Decodable {
    let team: Team

    private struct Fields: Decodable {
        let id: String
        let policies: [String]
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        do throws(InvalidCatalog) {
            team = try Team(id: fields.id, policies: fields.policies)
        } catch {
            throw decoder.refusal("is unusable: \(error)")
        }
    }
}
