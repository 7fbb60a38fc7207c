package import AccessControl
package import StrictYAML

/// `policies.yaml`: the policies and the teams that may request them.
package enum PolicyFile {
    /// Reads and checks the file, AWS's limits included. Errors name file, line and column.
    package static func read(path: String) throws(InvalidYAML) -> CheckedCatalog {
        try StrictYAML.read(CheckedCatalog.self, path: path)
    }

    /// The same for a text; `file` is the name to use in errors.
    package static func decode(_ text: String, file: String) throws(InvalidYAML) -> CheckedCatalog {
        try StrictYAML.decode(CheckedCatalog.self, from: text, file: file)
    }
}

/// A catalog that keeps every rule that can be checked before somebody makes a request.
package struct CheckedCatalog: Decodable, Sendable {
    package let catalog: PolicyCatalog
    /// What is allowed, and likely to fail all the same; one sentence each.
    package let warnings: [String]

    private struct Fields: Decodable {
        let policies: [PolicyEntry]
        let teams: [TeamEntry]
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        do throws(InvalidCatalog) {
            catalog = try PolicyCatalog(policies: fields.policies.map(\.policy), teams: fields.teams.map(\.team))
        } catch {
            throw decoder.refusal("is inconsistent: \(error)")
        }
        warnings = catalog.policies.flatMap(PolicyEntry.warnings)
    }
}

private struct TeamEntry: Decodable {
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
