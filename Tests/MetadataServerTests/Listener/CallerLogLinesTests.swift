import CallerIdentity
import NIOCore
import TestSupport
import Testing

@testable import MetadataServer

@Suite("CallerLogLines")
struct CallerLogLinesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test("Twenty lines at once, then two a second, with those that tell of what was left out")
    func burst() {
        let lines = CallerLogLines()
        #expect((0..<100).count { _ in lines.admit(.user(1000), at: start) != nil } == 20)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(499)) == nil)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(500)) == 81)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(1499)) == nil)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(1500)) == 1)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(2500)) == 0)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(2999)) == nil)
        #expect(lines.admit(.user(1000), at: start + .milliseconds(3000)) == 1)
    }

    @Test("One origin's lines don't count against another's, and the unknown are one")
    func origins() throws {
        let lines = CallerLogLines()
        let address = try #require(IPAddress("172.17.0.2"))
        for origin: CallerOrigin? in [.user(1000), .user(1001), .address(address), nil] {
            #expect((0..<50).count { _ in lines.admit(origin, at: start) != nil } == 20)
        }
    }

    @Test("An instant before the last one is as good as the last")
    func earlierInstant() {
        let lines = CallerLogLines()
        for _ in 0..<10 { _ = lines.admit(.user(1000), at: start + .seconds(1)) }
        #expect((0..<100).count { _ in lines.admit(.user(1000), at: start + .milliseconds(999)) != nil } < 10)
        #expect(lines.admit(.user(1000), at: start + .seconds(2)) ?? 0 > 0)
    }

    @Test("Memory is bounded: beyond so many origins at once, further ones share a bucket, until the others are over")
    func manyOrigins() {
        let lines = CallerLogLines()
        let admitted = (0..<UInt32(5_000)).count { lines.admit(.user($0), at: start) != nil }
        #expect(admitted == CallerLogLines.mostOrigins + 20)
        #expect(lines.admit(.user(0), at: start) == 0)
        #expect((0..<50).count { _ in lines.admit(.user(5_000), at: start + .seconds(60)) != nil } == 20)
    }

    @Test("A user who connects anew for each refusal, or asks for what isn't there, doesn't fill the log")
    func connections() {
        let records = LogLines()
        let lines = CallerLogLines()
        func ask(as user: UInt32, _ target: String = "/", times: Int = 1, at time: TimeAmount = .zero) {
            let connection = TestConnection(
                caller: Fixture.caller(user), logLines: lines, logger: records.logger)
            connection.advance(by: time)
            for _ in 0..<times { connection.send(connection.get(target)) }
        }
        for _ in 0..<25 { ask(as: 4242) }
        #expect(records.lines.count == 20)
        ask(as: 4243)
        #expect(records.lines.dropFirst(20).first?.contains("uid=4243") == true)
        ask(as: 4242, at: .seconds(1))
        let last = records.lines.dropFirst(21)
        #expect(last.first == "warning log lines left out count=5 uid=4242")
        #expect(last.count == 2 && last.last?.hasPrefix("warning caller refused ") == true)
        ask(as: 1000, "/nothing", times: 25)
        #expect(records.lines.count == 23 + 20)
    }
}
