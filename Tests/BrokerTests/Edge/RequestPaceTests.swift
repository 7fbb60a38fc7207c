import Foundation
import Testing

@testable import Broker

@Suite struct RequestPaceTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func admitted(_ pace: RequestPace<String>, _ key: String, of count: Int, at instant: Date) -> Int {
        (0..<count).count { _ in pace.excess(of: key, at: instant) == nil }
    }

    @Test func `ten seconds' worth at once, then the rate, and each for themselves`() {
        let pace = RequestPace<String>(perSecond: 2)
        #expect(admitted(pace, "a", of: 100, at: start) == 20)
        #expect(admitted(pace, "b", of: 100, at: start) == 20)
        #expect(admitted(pace, "a", of: 100, at: start.addingTimeInterval(3)) == 6)
        #expect(admitted(pace, "a", of: 100, at: start.addingTimeInterval(60)) == 20)
    }

    @Test func `who is too soon is told how long to wait, and that is enough`() throws {
        let pace = RequestPace<String>(perSecond: 2)
        while pace.excess(of: "a", at: start) == nil {}
        let excess = try #require(pace.excess(of: "a", at: start))
        #expect(excess == 0.5)
        #expect(pace.excess(of: "a", at: start.addingTimeInterval(excess)) == nil)
    }

    @Test func `looking doesn't count`() {
        let pace = RequestPace<String>(perSecond: 1, burst: 1)
        for _ in 0..<5 { #expect(pace.excess(of: "a", at: start, counting: false) == nil) }
        #expect(admitted(pace, "a", of: 5, at: start) == 1)
        #expect(pace.excess(of: "a", at: start, counting: false) == 1)
    }

    @Test func `a clock that is set back locks nobody out`() {
        let pace = RequestPace<String>(perSecond: 2)
        _ = admitted(pace, "a", of: 100, at: start)
        #expect(admitted(pace, "a", of: 100, at: start.addingTimeInterval(-3600)) == 20)
    }

    @Test func `memory is bounded however many there are, and the newest are remembered`() {
        let pace = RequestPace<String>(perSecond: 1, burst: 1, most: 100)
        for number in 0..<2_500 { #expect(pace.excess(of: "\(number)", at: start) == nil) }
        #expect(pace.count == 200)
        #expect(pace.excess(of: "2499", at: start) == 1)
        #expect(pace.excess(of: "2400", at: start) == 1)
        #expect(pace.excess(of: "0", at: start) == nil)
    }
}
