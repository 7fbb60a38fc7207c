import FoundationEssentials
import Testing

@testable import IDTokens
@testable import OIDC

@Suite struct KeyCacheTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let key = SigningKey(id: "k1", algorithm: nil, material: .ed25519(x: "x"))

    @Test("a clock that goes back makes keys due, not fresh for longer")
    func clockGoesBack() {
        var cache = KeyCache()
        cache.succeed([Self.key], at: Self.start)
        #expect(cache.step(forKeyID: "k1", hasFetched: false, now: Self.start) == .use([Self.key]))
        let earlier = Self.start.addingTimeInterval(-86_400)
        #expect(cache.step(forKeyID: "k1", hasFetched: false, now: earlier) == .fetch)
        #expect(cache.step(forKeyID: "k1", hasFetched: true, now: earlier) == .use([Self.key]))
    }

    @Test("without any keys, a failed fetch is not repeated for two seconds")
    func pausesAfterFailure() {
        var cache = KeyCache()
        #expect(cache.step(forKeyID: "k1", hasFetched: false, now: Self.start) == .fetch)
        cache.fail("down", at: Self.start)
        let refused = KeyCache.Step.refuse(.keysUnavailable("down"))
        #expect(cache.step(forKeyID: "k1", hasFetched: false, now: Self.start.addingTimeInterval(1)) == refused)
        #expect(cache.step(forKeyID: "k1", hasFetched: false, now: Self.start.addingTimeInterval(2)) == .fetch)
    }

    @Test("a call that waited for a fetch causes no second one")
    func fetchesOncePerCall() {
        var cache = KeyCache()
        cache.succeed([Self.key], at: Self.start)
        #expect(cache.step(forKeyID: "other", hasFetched: true, now: Self.start) == .refuse(.unknownKey("other")))
        #expect(cache.step(forKeyID: "other", hasFetched: false, now: Self.start) == .fetch)
    }
}
