import NIOCore
import Testing

@testable import Broker

@Suite struct ConnectionClockTests {
    private static let limits = ConnectionClock.Limits()

    @Test(
        arguments: [
            ([.connected], .wait(limits.greeting)),
            ([.connected, .head], .wait(limits.body)),
            ([.connected, .head, .bodyEnd], .stop),
            ([.connected, .head, .bodyEnd, .answerEnd], .wait(limits.idle)),
            // Refused before its body had come: that must still come in time, and then the next request may take its time.
            ([.connected, .head, .answerEnd], .goOn),
            ([.connected, .head, .answerEnd, .bodyEnd], .wait(limits.idle)),
            // Two requests at once.
            ([.connected, .head, .bodyEnd, .head], .wait(limits.body)),
            ([.connected, .head, .bodyEnd, .head, .answerEnd], .goOn),
            ([.connected, .head, .bodyEnd, .head, .bodyEnd, .answerEnd], .stop),
            ([.connected, .head, .bodyEnd, .head, .bodyEnd, .answerEnd, .answerEnd], .wait(limits.idle)),
            ([.connected, .answerEnd], .wait(limits.idle)),
        ] as [([ConnectionClock.Event], ConnectionClock.Step)])
    func `what is waited for follows from what happened`(events: [ConnectionClock.Event], last: ConnectionClock.Step) {
        var clock = ConnectionClock(Self.limits)
        let steps = events.map { clock.step($0) }
        #expect(steps.last == last)
    }
}
