import FoundationEssentials
import Testing

@testable import CredentialCache

@Suite struct OutboundGateTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let outage = CredentialFailure.brokerUnreachable("refused")

    /// A gate after so many outages in a row, each at `start`.
    private func opened(outages: Int) -> OutboundGate {
        var gate = OutboundGate()
        for _ in 0..<outages {
            gate.started()
            gate.ended(outage: outage, now: start, random: 1)
        }
        return gate
    }

    @Test func `so many attempts may run at once, and the next when one has ended`() {
        var gate = OutboundGate()
        for left in (0..<OutboundGate.mostAtOnce).reversed() {
            gate.started()
            #expect(gate.allowance(at: start) == left)
        }
        #expect(gate.start(ofDue: start) == nil)
        gate.ended(outage: nil, now: start, random: 0)
        #expect(gate.allowance(at: start) == 1)
        #expect(gate.start(ofDue: start) == start)
    }

    @Test func `a few outages change nothing, then there is one attempt at a time with growing pauses`() {
        #expect(opened(outages: 4).probeDate == nil)
        let pauses = (5...12).map { opened(outages: $0).probeDate?.timeIntervalSince(start) }
        #expect(pauses == [1, 2, 4, 8, 10, 10, 10, 10])
        var gate = opened(outages: 5)
        #expect(gate.allowance(at: start + 0.9) == 0)
        #expect(gate.allowance(at: start + 1) == 1)
        #expect(gate.start(ofDue: start) == start + 1)
        #expect(gate.start(ofDue: start + 5) == start + 5)
        gate.started()
        #expect(gate.allowance(at: start + 100) == 0)
        #expect(gate.start(ofDue: start) == nil)
    }

    @Test func `jitter only makes a pause shorter, down to half`() {
        var gate = opened(outages: 4)
        gate.started()
        gate.ended(outage: outage, now: start, random: 0)
        #expect(gate.probeDate == start + 0.5)
    }

    @Test func `one answer closes it, and it takes as many outages to open again`() {
        var gate = opened(outages: 20)
        gate.started()
        gate.ended(outage: nil, now: start, random: 0)
        #expect(gate.allowance(at: start) == OutboundGate.mostAtOnce)
        gate.started()
        gate.ended(outage: outage, now: start, random: 0)
        #expect(gate.probeDate == nil)
    }

    @Test func `after a jump of the clock the next attempt may be made at once`() {
        var gate = opened(outages: 9)
        gate.replan(now: start - 86_400)
        #expect(gate.allowance(at: start - 86_400) == 1)
    }
}
