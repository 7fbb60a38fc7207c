import CredentialCache
import FoundationEssentials
import Testing

@Suite struct RefreshScheduleTests {
    private let schedule = RefreshSchedule()

    @Test(arguments: [
        (60.0, 20.0), (900.0, 300.0), (2399.0, 2399.0 / 3), (2400.0, 1200.0), (3600.0, 1200.0), (7200.0, 2400.0),
        (43_200.0, 14_400.0), (0.0, 0.0),
    ])
    func `the margin is the larger of 20 minutes and a third, and a third alone under 40 minutes`(
        lifetime: TimeInterval, margin: TimeInterval
    ) {
        #expect(schedule.margin(lifetime: lifetime) == margin)
    }

    @Test func `jitter only ever makes a refresh earlier, by a tenth of the margin at most`() {
        let issued = Date(timeIntervalSince1970: 0)
        let expiration = issued.addingTimeInterval(3600)
        #expect(schedule.refreshDate(issuedAt: issued, expiration: expiration, random: 0).timeIntervalSince1970 == 2400)
        #expect(schedule.refreshDate(issuedAt: issued, expiration: expiration, random: 1).timeIntervalSince1970 == 2280)
    }

    @Test func `back-off doubles up to a minute, jittered down to its half`() {
        let pauses = (1...9).map { schedule.backoff(failures: $0, retryAfter: nil, usableFor: nil, random: 1) }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60])
        #expect(schedule.backoff(failures: 3, retryAfter: nil, usableFor: nil, random: 0) == 1)
        #expect(schedule.backoff(failures: .max, retryAfter: nil, usableFor: nil, random: 1) == 60)
    }

    @Test func `Retry-After is obeyed, up to an hour`() {
        #expect(schedule.backoff(failures: 1, retryAfter: 30, usableFor: 10, random: 1) == 30)
        #expect(schedule.backoff(failures: 1, retryAfter: 1e9, usableFor: nil, random: 1) == 3600)
    }

    @Test func `attempts get denser as what is held runs out, but not below a second`() {
        #expect(schedule.backoff(failures: 9, retryAfter: nil, usableFor: 20, random: 1) == 5)
        #expect(schedule.backoff(failures: 9, retryAfter: nil, usableFor: 1, random: 1) == 1)
    }
}
