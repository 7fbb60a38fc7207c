import AccessControl
import Foundation
import Testing

@testable import Broker

@Suite("Requests of a principal")
struct PrincipalRequestsTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func principal(_ subject: String) -> PrincipalID {
        PrincipalID(issuer: "https://idp.example", subject: subject)
    }

    private func admitted(_ requests: PrincipalRequests, _ subject: String, of count: Int, at instant: Date) -> Int {
        (0..<count).count { _ in requests.excess(of: principal(subject), at: instant) == nil }
    }

    @Test("Ten seconds' worth at once, then the rate, and each principal for themselves")
    func rate() {
        let requests = PrincipalRequests(perSecond: 2)
        #expect(admitted(requests, "a", of: 100, at: start) == 20)
        #expect(admitted(requests, "b", of: 100, at: start) == 20)
        #expect(admitted(requests, "a", of: 100, at: start.addingTimeInterval(3)) == 6)
        #expect(admitted(requests, "a", of: 100, at: start.addingTimeInterval(60)) == 20)
    }

    @Test("Who is too soon is told how long to wait, and that is enough")
    func excess() throws {
        let requests = PrincipalRequests(perSecond: 2)
        while requests.excess(of: principal("a"), at: start) == nil {}
        let excess = try #require(requests.excess(of: principal("a"), at: start))
        #expect(excess == 0.5)
        #expect(requests.excess(of: principal("a"), at: start.addingTimeInterval(excess)) == nil)
    }

    @Test("A clock that is set back locks nobody out")
    func clock() {
        let requests = PrincipalRequests(perSecond: 2)
        _ = admitted(requests, "a", of: 100, at: start)
        #expect(admitted(requests, "a", of: 100, at: start.addingTimeInterval(-3600)) == 20)
    }

    @Test("Many principals leave nothing behind")
    func many() {
        let requests = PrincipalRequests(perSecond: 1)
        for number in 0..<25_000 {
            #expect(requests.excess(of: principal("\(number)"), at: start.addingTimeInterval(Double(number))) == nil)
        }
    }
}
