import TestSupport
import Testing

@testable import Daemon

@Suite struct ShutdownDelayTests {
    private let clock = TestClock()

    @Test func `it passes after its time`() async throws {
        let delay = ShutdownDelay(.seconds(20), clock: clock)
        let passing = Task { await delay.pass() }
        try await clock.sleepers(1)
        clock.advance(by: .seconds(20))
        await passing.value
        #expect(clock.now.offset == .seconds(20))
    }

    @Test func `a second signal ends it, also one that came before`() async throws {
        let delay = ShutdownDelay(.seconds(20), clock: clock)
        let passing = Task { await delay.pass() }
        try await clock.sleepers(1)
        delay.cutShort()
        await passing.value
        let late = ShutdownDelay(.seconds(20), clock: clock)
        late.cutShort()
        await late.pass()
        #expect(clock.now.offset == .zero)
    }

    @Test func `none is none`() async {
        await ShutdownDelay(.zero, clock: clock).pass()
        #expect(clock.now.offset == .zero)
    }
}
