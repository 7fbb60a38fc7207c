import NIOCore
import Synchronization

/// Ends an exchange from outside, whatever it waits for.
final class ExchangeAbort: Sendable {
    private enum State {
        case idle
        case connecting(EventLoopPromise<any Channel>)
        case exchanging(any Channel)
        case aborted
    }

    private let state = Mutex(State.idle)

    func abort() {
        let previous = state.withLock { state in
            defer { state = .aborted }
            return state
        }
        switch previous {
        case .connecting(let promise): promise.fail(CancellationError())
        case .exchanging(let channel): channel.close(promise: nil)
        case .idle, .aborted: break
        }
    }

    /// From now on that channel is closed by an abort; `false`, with the channel closed, if there was one.
    func closes(_ channel: any Channel) -> Bool {
        let isWanted = state.withLock { state in
            if case .aborted = state { return false }
            state = .exchanging(channel)
            return true
        }
        if !isWanted { channel.close(promise: nil) }
        return isWanted
    }

    /// The exchange is over: the channel is nobody's, or somebody else's.
    func release() {
        state.withLock { state in
            if case .exchanging = state { state = .idle }
        }
    }

    /// What comes of it, or a `CancellationError` at an abort; a connection that stands only then is closed.
    func waits(for connected: EventLoopFuture<any Channel>) async throws -> any Channel {
        let promise = connected.eventLoop.makePromise(of: (any Channel).self)
        let isWanted = state.withLock { state in
            if case .aborted = state { return false }
            state = .connecting(promise)
            return true
        }
        if !isWanted { promise.fail(CancellationError()) }
        connected.whenComplete { [self] result in
            let isStillWanted = state.withLock { state in
                guard case .connecting = state else { return false }
                state = .idle
                return true
            }
            switch (result, isStillWanted) {
            case (.success(let channel), false): channel.close(promise: nil)
            case (.success(let channel), true): promise.succeed(channel)
            case (.failure(let error), true): promise.fail(error)
            case (.failure, false): break
            }
        }
        return try await promise.futureResult.get()
    }
}
