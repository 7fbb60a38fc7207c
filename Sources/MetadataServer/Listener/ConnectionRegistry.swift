import NIOCore
import Synchronization

/// The open connections of one listener, so that it can drain them.
final class ConnectionRegistry: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        state.withLock { $0.open[ObjectIdentifier(channel)] = channel }
    }

    /// It has closed.
    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// The connection's handlers are there: it is told what it missed while they weren't.
    func isReady(_ channel: any Channel) {
        guard state.withLock({ $0.isDraining }) else { return }
        channel.pipeline.fireUserInboundEventTriggered(DrainRequested())
    }

    var channels: [any Channel] {
        state.withLock { Array($0.open.values) }
    }

    /// Lets running requests end, closes idle connections in a moment and the rest when `deadline` has passed.
    func drain(within deadline: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let remaining = state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        let closed = EventLoopFuture<Void>.andAllComplete(remaining.map(\.closeFuture), on: eventLoop)
        for channel in remaining { channel.pipeline.fireUserInboundEventTriggered(DrainRequested()) }
        let cutOff = eventLoop.scheduleTask(in: deadline) { remaining.forEach { $0.close(promise: nil) } }
        closed.whenComplete { _ in cutOff.cancel() }
        return closed
    }
}

/// Tells a connection to end once it owes no answer.
struct DrainRequested: Sendable {}
