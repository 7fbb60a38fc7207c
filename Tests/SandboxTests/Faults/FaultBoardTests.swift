import FoundationEssentials
import Testing

@testable import Sandbox

@Suite("The fault board")
struct FaultBoardTests {
    private let clock = MovableClock()
    private var board: FaultBoard { FaultBoard(now: clock.now) }

    @Test("A fault acts on its target and path while it is armed")
    func armed() {
        let board = board
        board.arm(Fault(target: .broker, kind: .hang, seconds: 30, path: "/v1/credentials"))
        #expect(board.fault(on: .broker, path: "/v1/credentials")?.kind == .hang)
        #expect(board.fault(on: .broker, path: "/v1/policies") == nil)
        #expect(board.fault(on: .sts, path: "/v1/credentials") == nil)
        clock.advance(by: 31)
        #expect(board.fault(on: .broker, path: "/v1/credentials") == nil)
        #expect(board.armed.isEmpty)
    }

    @Test("With a period a fault acts during the first half of each")
    func period() {
        let board = board
        board.arm(Fault(target: .broker, kind: .error, seconds: 180, periodSeconds: 6))
        var acting: [Bool] = []
        for _ in 0..<12 {
            clock.advance(by: 1)
            acting.append(board.fault(on: .broker, path: "/") != nil)
        }
        #expect(acting == [true, true, false, false, false, true, true, true, false, false, false, true])
    }

    @Test("A new fault replaces one of the same target and path; disarming ends all")
    func replacing() {
        let board = board
        board.arm(Fault(target: .idp, kind: .hang, seconds: 30))
        board.arm(Fault(target: .idp, kind: .reset, seconds: 30))
        board.arm(Fault(target: .sts, kind: .close, seconds: 30))
        #expect(board.armed.map(\.kind) == [.reset, .close])
        board.disarmAll()
        #expect(board.fault(on: .idp, path: "/") == nil)
    }

    @Test("Requests are counted by target, method and path, and no flood of paths fills the memory")
    func counting() {
        let board = board
        for _ in 0..<3 { board.count("POST /v1/credentials", for: .broker) }
        for number in 0..<2000 { board.count("GET /\(number)", for: .sts) }
        #expect(board.counts["broker"] == ["POST /v1/credentials": 3])
        #expect(board.counts["sts"]?["other"] == 1000)
        #expect(board.counts["idp"] == [:])
        board.resetCounts()
        #expect(board.counts["broker"] == [:])
    }
}
