import AWSAPI
import AccessControl
import Broker
import BrokerStore
import Credentials
import Foundation
import Logging
import PolicyFiles

/// How long a decision takes among many policies, for many people: what an issuance does before it writes. Prints what it measures.
@main
struct MeasureDecisions {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "decisions-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let records = try SQLiteRecords(path: folder.appending(path: "broker.sqlite").path())
        _ = try await records.replaceCatalog(with: try Company.catalog(), by: .file("many"), at: Date())

        let milliseconds = try await decisions(by: issuance(over: records))
        // The first ask for one policy each, which has to be decoded.
        report("a policy that is decoded first", milliseconds.prefix(Company.policies))
        report("a policy that is known", milliseconds.dropFirst(Company.policies))
        report("all", milliseconds[...])
    }

    /// Everybody asks once. How long each decision took, in milliseconds, in their order.
    private static func decisions(by issuance: CredentialIssuance) async throws -> [Double] {
        var milliseconds: [Double] = []
        for person in 0..<Company.people {
            let request = Company.request(of: person, at: Date())
            let begin = ContinuousClock.now
            let decision = try await decision(on: request, by: issuance)
            milliseconds.append((ContinuousClock.now - begin) / .milliseconds(1))
            guard decision.outcome == .allow else { throw WrongDecision(decision: decision) }
        }
        return milliseconds
    }

    /// Reads what was decided before, the policy and the teams at one instant, and asks all of the broker's rules.
    private static func decision(
        on request: AccessRequest, by issuance: CredentialIssuance
    ) async throws -> Decision {
        let standing = try await issuance.standing(of: request.policyID, for: request.principal)
        guard case .nothing(let catalog) = standing else { throw DecidedBefore() }
        let facts = AccessFacts(
            policy: catalog.policy, teams: catalog.teams, chainsRoles: false,
            zones: ZoneFiles.offsets(of: catalog.policy?.requirements?.zones ?? []))
        return AccessRules.complete.decide(request, knowing: facts)
    }

    private static func issuance(over records: SQLiteRecords) -> CredentialIssuance {
        CredentialIssuance(
            records: records, roles: NoRoles(), sessionNaming: SessionNaming(issuers: 1), chainsRoles: { false },
            logger: Logger(label: "decisions"), now: { Date() })
    }

    private static func report(_ what: String, _ milliseconds: ArraySlice<Double>) {
        let sorted = milliseconds.sorted()
        func percentile(_ part: Int) -> String { String(format: "%.3f", sorted[sorted.count * part / 1000]) }
        print(
            "\(what): \(sorted.count) decisions, p50 \(percentile(500)) ms, p99 \(percentile(990)) ms, "
                + "p99.9 \(percentile(999)) ms")
    }
}

/// Every decision here must allow.
private struct WrongDecision: Error {
    let decision: Decision
}

/// Nobody has decided on anything here.
private struct DecidedBefore: Error {}

/// Nothing is minted here.
private struct NoRoles: RoleAssuming {
    func assumeRole(
        _ input: AssumeRoleInput, for purpose: SessionPurpose
    ) async throws(AWSError) -> SessionCredentials {
        throw .unavailable("nothing is minted")
    }
}
