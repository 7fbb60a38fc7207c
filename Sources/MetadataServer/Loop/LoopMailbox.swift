import CLinux
import CallerIdentity
import Glibc
import Synchronization

/// What other threads have to say to a loop, and the descriptor that wakes it.
final class LoopMailbox: Sendable {
    enum Message: Sendable {
        /// Serve this socket.
        case listen(ListeningSocket, MetadataListener)
        /// Stop accepting, let running requests end, close the rest after `within`, and call `then`, once, when all are closed.
        case close(ListeningSocket, within: Duration, then: @Sendable () -> Void)
        /// Close all connections of the listener at once.
        case cutOff(ListeningSocket)
        /// The attempt that a request of the connection waits for.
        case attemptEnded(connection: UInt64, number: Int)
        /// What there was to find out about the caller of the connection.
        case observed(connection: UInt64, ObservedCaller)
        /// Close everything and end the thread.
        case stop
    }

    /// Readable when there is a message.
    let descriptor: CInt
    private let messages = Mutex<[Message]>([])

    /// `nil`, with `errno`, if there is no descriptor to be had.
    init?() {
        // A local one first: deinit would close it, and change errno.
        let descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func post(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if isFirst { eventfd_write(descriptor, 1) }
    }

    /// All that have come, in their order.
    func take() -> [Message] {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
