import AWSAPI
import AccessControl
package import BrokerStore
import Credentials
package import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Has IAM deny everything to the sessions of revoked grants, until their last credentials have expired, for as long as the server
/// runs. No revocation ever waits for it.
///
/// It compares what the records say should be denied with what they say is. Each step is written down before it is done and once
/// more after it, so whatever a crash interrupts is done again.
package actor RoleDenials: Service {
    /// A denial stays a little longer than the credentials, for clocks that differ.
    static let grace: TimeInterval = 300
    /// After the first failure with a role; each further one doubles it.
    static let shortestPause: TimeInterval = 5
    static let longestPause: TimeInterval = 15 * 60

    private let records: any RevocationRecords
    private let iam: any InlinePolicies
    private let policyName: String
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let jitter: @Sendable () -> Double
    /// By the role's ARN.
    private var failures: [String: (count: Int, retryAt: Date)] = [:]

    /// - Parameters:
    ///   - policyName: of the roles' inline policy that is the broker's own.
    ///   - jitter: 0.0 to 1.0, a new one with each call.
    package init(
        records: any RevocationRecords, iam: any InlinePolicies, policyName: String, logger: Logger,
        now: @escaping @Sendable () -> Date, jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.records = records
        self.iam = iam
        self.policyName = policyName
        self.logger = logger
        self.now = now
        self.jitter = jitter
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.reconcile()
                try? await ContinuousClock().sleep(for: .seconds(2))
            }
        }
    }

    /// Brings each role up to date, one after the other; one that failed when it is time to try again, or more is to be denied.
    package func reconcile() async {
        do throws(StoreError) {
            let sessions = try await records.revokedSessions(endingAfter: now().addingTimeInterval(-Self.grace))
            var held: [String: RoleDenial] = [:]
            for denial in try await records.roleDenials() { held[denial.roleARN] = denial }
            let wanted = Self.wanted(sessions)
            for role in Set(wanted.keys).union(held.keys).sorted() where !Task.isCancelled {
                try await bring(role, to: wanted[role] ?? [], from: held[role])
            }
        } catch {
            logger.error("denials not looked after", metadata: ["error": "\(error)"])
        }
    }

    /// The names to deny in each role, those whose credentials end last first. A name that the user's other sessions have, too, as
    /// before denials were configured, is not denied: it would hit what nobody has revoked.
    private static func wanted(_ sessions: [RevokedSession]) -> [String: [String]] {
        let exact = sessions.filter { SessionNaming.isOfGrant($0.sessionName, $0.requestID) }
        return Dictionary(grouping: exact, by: \.roleARN).mapValues { sessions in
            sessions.sorted { ($1.endsAt, $0.sessionName) < ($0.endsAt, $1.sessionName) }.map(\.sessionName)
        }
    }

    private func bring(_ role: String, to names: [String], from held: RoleDenial?) async throws(StoreError) {
        let sorted = names.sorted()
        if held?.sessionNames == sorted {
            guard held?.isApplied == false, now() >= failures[role]?.retryAt ?? .distantPast else { return }
        } else {
            let intent = RoleDenial(roleARN: role, sessionNames: sorted, isApplied: false)
            try await records.save(intent, event: nil, at: now())
        }
        let outcome: Result<[String], AWSError>
        do throws(AWSError) {
            outcome = .success(try await apply(names, to: role))
        } catch {
            outcome = .failure(error)
        }
        switch outcome {
        case .success(let denied) where denied.count == names.count: try await succeed(role, names: sorted)
        case .success(let denied):
            try await fail(role, names: sorted, .incomplete, "there is no room for \(names.count - denied.count)")
        case .failure(let error): try await fail(role, names: sorted, .failed, "\(error)")
        }
    }

    /// Makes the role's policy deny these, as far as there is room.
    /// - Returns: those that it denies.
    private func apply(_ names: [String], to role: String) async throws(AWSError) -> [String] {
        guard let role = try? RoleARN(role) else { throw .misconfigured("\(role) is no role") }
        guard !names.isEmpty else {
            try await iam.remove(policyName, from: role)
            return []
        }
        var room = RolePolicies.maximumCharacters
        for other in try await iam.names(of: role) where other != policyName {
            room -= DenialPolicy.countedCharacters(try await iam.document(other, of: role) ?? "")
        }
        let policy = DenialPolicy(denying: names, room: room)
        if !policy.sessionNames.isEmpty { try await iam.put(policy.document, named: policyName, to: role) }
        return policy.sessionNames
    }

    private func succeed(_ role: String, names: [String]) async throws(StoreError) {
        failures[role] = nil
        let event = AuditedRoleDenial(roleARN: role, sessionNames: names, outcome: names.isEmpty ? .lifted : .denied)
        try await records.save(
            RoleDenial(roleARN: role, sessionNames: names, isApplied: true), event: event, at: now())
        logger.info("sessions denied in iam", metadata: ["role": "\(role)", "sessions": "\(names.count)"])
    }

    /// The first of a row of failures is an audit event.
    private func fail(
        _ role: String, names: [String], _ outcome: AuditedRoleDenial.Outcome, _ reason: String
    ) async throws(StoreError) {
        let count = (failures[role]?.count ?? 0) + 1
        let pause = min(Self.shortestPause * Double(1 << min(count - 1, 16)), Self.longestPause)
        failures[role] = (count, now().addingTimeInterval(pause * (0.75 + jitter() / 2)))
        logger.error(
            "sessions not denied in iam",
            metadata: ["role": "\(role)", "outcome": "\(outcome.rawValue)", "reason": "\(excerpt(reason))"])
        guard count == 1 else { return }
        let event = AuditedRoleDenial(
            roleARN: role, sessionNames: names, outcome: outcome, detail: excerpt(reason))
        try await records.save(
            RoleDenial(roleARN: role, sessionNames: names, isApplied: false), event: event, at: now())
    }
}
