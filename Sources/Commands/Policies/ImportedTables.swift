import AccessControl
import Credentials
import FoundationEssentials
import HTTPExchange
import StrictYAML

/// Both tables of the original system as one `policies.yaml`.
struct ImportedTables {
    let catalog: PolicyCatalog
    /// What has no place there, one sentence each.
    let notes: [String]

    /// Fails with everything that is wrong, for nothing is imported then.
    init(
        policies: [PlainValue], teams: [PlainValue], longest: Duration, approvers: [String]
    ) throws(ImportFaults) {
        var (imported, own, notes, faults): ([AccessPolicy], [Team], [String], [ImportFault]) = ([], [], [], [])
        for record in policies {
            do throws(ImportFault) {
                let policy = try ImportedPolicy(record, longest: longest, approvers: approvers)
                imported.append(policy.policy)
                notes += policy.notes
            } catch {
                faults.append(error)
            }
        }
        for record in teams {
            do throws(ImportFault) {
                let team = try Self.team(record)
                own.append(team.team)
                notes += team.notes
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw ImportFaults(faults: faults) }
        do throws(InvalidCatalog) {
            catalog = try PolicyCatalog(policies: imported, teams: own)
        } catch {
            throw ImportFaults(faults: [ImportFault("\(error)")])
        }
        self.notes = notes
    }

    /// `{team_id, policies: [{id, description}]}`; a description of its own has no place here.
    private static func team(_ record: PlainValue) throws(ImportFault) -> (team: Team, notes: [String]) {
        let id = try OriginalAttributes(record, name: "a team").text("team_id")
        let attributes = OriginalAttributes(record, name: "team \(Excerpt.quoted(id))")
        var (policies, notes): ([String], [String]) = ([], [])
        for element in try attributes.elements("policies") {
            let entry = OriginalAttributes(element, name: "\(attributes.name): policies")
            policies.append(try entry.text("id"))
            if let description = try entry.optionalText("description") {
                notes.append(
                    "\(attributes.name): its description of \(Excerpt.quoted(policies.last ?? "")) is left out: "
                        + "\(Excerpt.quoted(description)).")
            }
        }
        if case .mapping(let pairs) = record {
            for pair in pairs where !["team_id", "policies"].contains(pair.key) {
                notes.append("\(attributes.name): the attribute \(Excerpt.quoted(pair.key)) is unknown and left out.")
            }
        }
        do throws(InvalidCatalog) {
            return (try Team(id: id, policies: policies), notes)
        } catch {
            throw ImportFault("\(error)")
        }
    }
}

/// All that stands against an import.
struct ImportFaults: Error, Equatable {
    let faults: [ImportFault]
}

extension ImportedTables {
    /// `policies.yaml`. Texts are written as in JSON, which is YAML too.
    var yaml: String {
        get throws {
            var lines = [catalog.policies.isEmpty ? "policies: []" : "policies:"]
            for policy in catalog.policies { lines += try Self.lines(of: policy) }
            lines.append(catalog.teams.isEmpty ? "teams: []" : "teams:")
            for team in catalog.teams { lines += try Self.lines(of: team) }
            return lines.joined(separator: "\n")
        }
    }

    /// The same for programs. Each policy is read by itself: all of them may be longer than a file may be.
    var values: [String: [PlainValue]] {
        get throws {
            let policies = try catalog.policies.map { try Self.value(Self.lines(of: $0)) }
            let teams = try catalog.teams.map { try Self.value(Self.lines(of: $0)) }
            return ["policies": policies, "teams": teams]
        }
    }

    private static func value(_ lines: [String]) throws -> PlainValue {
        let text = lines.joined(separator: "\n")
        guard case .list(let values) = try StrictYAML.plainValue(of: text, file: "policies.yaml"),
            let value = values.first
        else { return .null }
        return value
    }

    private static func lines(of team: Team) throws -> [String] {
        ["  - id: \(try json(team.id))", "    policies: \(try json(team.policies))"]
    }

    private static func lines(of policy: AccessPolicy) throws -> [String] {
        var lines = [
            "  - id: \(try json(policy.id))", "    description: \(try json(policy.description))",
            "    account: \(try json(policy.account))", "    base_role: \(try json(policy.baseRole.description))",
            "    risk: \(policy.risk)", "    max_duration: \(policy.maximumDuration.components.seconds)s",
        ]
        if !policy.managedPolicies.isEmpty { lines.append("    managed_policies: \(try json(policy.managedPolicies))") }
        if !policy.userTags.isEmpty { lines.append("    user_tags: \(try json(policy.userTags))") }
        if !policy.defaultTags.isEmpty {
            lines.append("    default_tags: \(try json(policy.defaultTags.map { [$0.key: $0.value] }))")
        }
        if let rule = policy.approval { lines.append("    approval: {teams: \(try json(rule.teams))}") }
        return lines
    }
}

/// On one line.
private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
