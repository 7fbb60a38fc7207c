import NIOCore
import Synchronization

/// The open connections of one listener, so that it can drain them.
final class ConnectionRegistry: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        open.withLock { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in
            self.open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
        }
    }

    var channels: [any Channel] {
        open.withLock { Array($0.values) }
    }

    /// Lets running requests end, closes idle connections at once and the rest when `deadline` has passed.
    func drain(within deadline: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let remaining = channels
        let closed = EventLoopFuture<Void>.andAllComplete(remaining.map(\.closeFuture), on: eventLoop)
        for channel in remaining { channel.pipeline.fireUserInboundEventTriggered(DrainRequested()) }
        let cutOff = eventLoop.scheduleTask(in: deadline) { remaining.forEach { $0.close(promise: nil) } }
        closed.whenComplete { _ in cutOff.cancel() }
        return closed
    }
}

/// Tells a connection to close as soon as it owes no answer.
struct DrainRequested: Sendable {}
