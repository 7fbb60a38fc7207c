import Credentials
import FoundationEssentials
import Testing

@testable import AWSAPI

@Suite struct KeyLifeTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private static func at(_ seconds: TimeInterval) -> Date { start.addingTimeInterval(seconds) }

    private static func key(_ id: String = "ASIA1", endsAfter seconds: TimeInterval?) -> OwnKey {
        OwnKey(
            AWSAccessKey(accessKeyID: id, secretAccessKey: Secret("s"), sessionToken: Secret("t")),
            expiration: seconds.map(at), belongsToRole: true)
    }

    @Test func `without a key the source is asked at once`() {
        let life = KeyLife()
        #expect(life.usable(at: Self.start) == nil)
        #expect(life.nextAttempt(jitter: 0) <= Self.start)
    }

    /// How long a key lives, and after which time the source is asked for the next.
    @Test(arguments: [(21_600, 20_700), (3600, 2700), (1200, 600), (40, 30), (nil, 300)] as [(TimeInterval?, Double)])
    func `a key is renewed ahead of its end`(lifetime: TimeInterval?, due: TimeInterval) {
        var life = KeyLife()
        life.succeed(Self.key(endsAfter: lifetime), at: Self.start)
        #expect(life.nextAttempt(jitter: 0.5) == Self.at(due))
    }

    @Test func `a key is used until shortly before its end, whatever its source says meanwhile, and never after`() {
        var life = KeyLife()
        life.succeed(Self.key(endsAfter: 3600), at: Self.start)
        for second in stride(from: 2700.0, to: 3580, by: 60) {
            life.fail(.keysUnavailable("down"), at: Self.at(second))
            #expect(life.usable(at: Self.at(second)) != nil)
        }
        #expect(life.usable(at: Self.at(3589)) != nil)
        #expect(life.usable(at: Self.at(3590)) == nil)
        #expect(life.usable(at: Self.at(9999)) == nil)
    }

    @Test func `a source that gives what has expired has failed, and what is held stays`() {
        var life = KeyLife()
        life.succeed(Self.key("ASIA1", endsAfter: 3600), at: Self.start)
        life.succeed(Self.key("ASIA2", endsAfter: 2705), at: Self.at(2700))
        #expect(life.usable(at: Self.at(2700))?.accessKey.accessKeyID == "ASIA1")
        #expect(life.failures == 1)
    }

    @Test func `pauses after failures grow to a minute`() {
        var life = KeyLife()
        var pauses: [TimeInterval] = []
        for _ in 0..<8 {
            life.fail(.keysUnavailable("down"), at: Self.start)
            pauses.append(life.nextAttempt(jitter: 0.5).timeIntervalSince(Self.start))
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
    }

    @Test func `a failure stands until the next attempt is due, and not if the clock was set back`() {
        var life = KeyLife()
        life.fail(.keysUnavailable("down"), at: Self.start)
        #expect(life.standingFailure(at: Self.at(0.9), jitter: 0.5) == .keysUnavailable("down"))
        #expect(life.standingFailure(at: Self.at(1), jitter: 0.5) == nil)
        #expect(life.standingFailure(at: Self.at(-100), jitter: 0.5) == nil)
    }

    @Test func `a key that AWS has refused is renewed at once, and only that one`() {
        var life = KeyLife()
        life.succeed(Self.key("ASIA2", endsAfter: nil), at: Self.start)
        life.refuse("ASIA1")
        #expect(life.nextAttempt(jitter: 0.5) == Self.at(300))
        life.refuse("ASIA2")
        #expect(life.nextAttempt(jitter: 0.5) <= Self.start)
    }

    @Test func `a long-term key is nobody's role, whatever its source says`() {
        let key = AWSAccessKey(accessKeyID: "AKIA", secretAccessKey: Secret("s"), sessionToken: nil)
        #expect(OwnKey(key, belongsToRole: true).belongsToRole == false)
    }
}
