import CallerIdentity
import NIOCore
import Synchronization

/// The open connections of the control socket: bounds how many a user may hold, and ends them all when the daemon stops.
final class ControlConnections: Sendable {
    /// The CLI needs one. Without a bound, any local user could use up the descriptors that SDKs' connections need.
    static let mostPerUser = 32

    private struct Open {
        let channel: any Channel
        let user: CallerOrigin?
    }

    private let open = Mutex<[ObjectIdentifier: Open]>([:])

    /// Counts `channel` until it closes; `false` if the user holds too many. `nil` stands for all users who are unknown.
    func admit(_ channel: any Channel, of user: CallerOrigin?) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = open.withLock { open in
            guard open.values.count(where: { $0.user == user }) < Self.mostPerUser else { return false }
            open[key] = Open(channel: channel, user: user)
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.open.withLock { _ = $0.removeValue(forKey: key) } }
        return true
    }

    /// Lets running requests end, closes idle connections at once and the rest after `limit`.
    func drain(within limit: TimeAmount, on eventLoop: any EventLoop) async {
        let channels = open.withLock { $0.values.map(\.channel) }
        let closed = EventLoopFuture<Void>.andAllComplete(channels.map(\.closeFuture), on: eventLoop)
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ControlDrain()) }
        let cutOff = eventLoop.scheduleTask(in: limit) { channels.forEach { $0.close(promise: nil) } }
        try? await closed.get()
        cutOff.cancel()
    }
}

/// Tells a connection to close as soon as it owes no answer.
struct ControlDrain: Sendable {}

/// Why a connection is closed at once.
struct TooManyConnections: Error {}
