import CLinux
import Glibc

/// One thread that accepts and serves the connections of all listeners that are bound to it. It lives until the last reference goes;
/// then what is still open is closed.
///
/// Why not SwiftNIO, which serves and makes all other connections of the daemon: a sidecar's clients connect anew for each request, and the life of
/// one of its channels costs as much as all the rest of a connection (Benchmarks/README.md).
package final class ServingLoop: Sendable {
    let mailbox: LoopMailbox

    /// Fails if there are no descriptors, or no thread, to be had.
    package init() throws(ListenerError) {
        guard let mailbox = LoopMailbox(), let epoll = Epoll() else { throw Self.failure(errno) }
        self.mailbox = mailbox
        let isWatched = epoll.add(mailbox.descriptor, .reading, token: ServingThread.mailboxToken)
        let status =
            isWatched
            ? DetachedThread.start(name: "serving") { ServingThread(mailbox: mailbox, epoll: epoll).run() } : errno
        guard status == 0 else {
            epoll.close()
            throw Self.failure(status)
        }
    }

    deinit {
        mailbox.post(.stop)
    }

    private static func failure(_ code: CInt) -> ListenerError {
        .refused(listener: "all", address: "any address", reason: String(cString: strerror(code)))
    }
}

/// A thread of the C library that nobody waits for.
private enum DetachedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// 0, or an errno; then `body` is not called.
    /// - Parameter name: at most 15 bytes, for ps(1) and top(1).
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> CInt {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            return status
        }
        pthread_setname_np(thread, name)
        pthread_detach(thread)
        return 0
    }
}
