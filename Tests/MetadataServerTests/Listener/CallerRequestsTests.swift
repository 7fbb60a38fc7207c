import CallerIdentity
import NIOCore
import Testing

@testable import MetadataServer

@Suite("CallerRequests")
struct CallerRequestsTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test("Five seconds' worth may come at once, and then the rate holds")
    func burst() {
        let requests = CallerRequests(perSecond: 10)
        let admitted = (0..<100).count { _ in requests.admit(.user(1000), at: start) }
        #expect(admitted == 50)
        #expect(!requests.admit(.user(1000), at: start + .milliseconds(99)))
        #expect(requests.admit(.user(1000), at: start + .milliseconds(101)))
        #expect(!requests.admit(.user(1000), at: start + .milliseconds(102)))
    }

    @Test("One user's requests don't count against another's, and the unknown are one user")
    func users() {
        let requests = CallerRequests(perSecond: 1)
        for user: CallerOrigin? in [.user(1000), .user(1001), nil] {
            #expect((0..<10).count { _ in requests.admit(user, at: start) } == 5)
        }
    }

    @Test("After a pause everything is as at the start")
    func recovery() {
        let requests = CallerRequests(perSecond: 2)
        for _ in 0..<20 { _ = requests.admit(.user(1000), at: start) }
        #expect((0..<20).count { _ in requests.admit(.user(1000), at: start + .seconds(60)) } == 10)
    }

    @Test("Many users leave nothing behind, and one who is over the rate stays so")
    func manyUsers() {
        let requests = CallerRequests(perSecond: 1)
        for _ in 0..<20 { _ = requests.admit(.user(0), at: start) }
        for user in 1..<UInt32(5_000) { #expect(requests.admit(.user(user), at: start + .milliseconds(1))) }
        #expect(!requests.admit(.user(0), at: start + .milliseconds(2)))
    }
}
