import AccessControl
import Testing

@Suite struct SessionLengthTests {
    @Test(arguments: [
        (3600, nil, false, 3600, DurationLimit.policy), (43_200, 43_200, false, 43_200, .policy),
        (43_200, 43_200, true, 3600, .roleChaining), (1800, nil, true, 1800, .policy),
    ])
    func `Defect B1: the longest session is what policy, role and chaining allow together`(
        maximum: Int, role: Int?, chains: Bool, longest: Int, limit: DurationLimit
    ) throws {
        let policy = try Sample.policy(maximum: .seconds(maximum), roleMaximum: role.map { .seconds($0) })
        let found = policy.longestSession(chainsRoles: chains)
        #expect(found.duration == .seconds(longest))
        #expect(found.limit == limit)
    }

    @Test(arguments: [
        (7200, 3600, "max_duration"), (3600, 1800, "role_max_session"), (3600, 43_201, "role_max_session"),
    ])
    func `A policy that its role can't keep is refused with AWS's word for it`(maximum: Int, role: Int, field: String) {
        let error = #expect(throws: InvalidCatalog.self) {
            try Sample.policy(maximum: .seconds(maximum), roleMaximum: .seconds(role))
        }
        #expect(error?.field == field)
        #expect(error?.problem.contains("MaxSessionDuration") == true)
    }

    private func decision(_ seconds: Int?, shorter: Bool) throws -> (Decision, Duration) {
        let policy = try Sample.policy(maximum: .seconds(7200))
        let facts = AccessFacts(
            policy: policy, teams: [try Team(id: "developers", policies: ["reader"])], chainsRoles: true)
        let request = Sample.request(duration: seconds.map { .seconds($0) }, allowsShorter: shorter)
        return (AccessRules.standard.decide(request, knowing: facts), facts.sessionLength(of: request, under: policy))
    }

    @Test func `Defect B1: too long is refused at once, or cut where whoever asks allows it`() throws {
        #expect(
            try decision(7200, shorter: false).0.reasons == [
                .durationTooLong(seconds: 7200, longest: 3600, limit: .roleChaining)
            ])
        let (cut, length) = try decision(7200, shorter: true)
        #expect(cut.outcome == .allow)
        #expect(cut.reasons.contains(.durationShortened(seconds: 7200, to: 3600, limit: .roleChaining)))
        #expect(length == .seconds(3600))
        #expect(try decision(1800, shorter: true).1 == .seconds(1800))
        #expect(try decision(nil, shorter: true).1 == .seconds(3600))
        #expect(try decision(600, shorter: true).0.reasons == [.durationTooShort(seconds: 600, shortest: 900)])
    }
}
