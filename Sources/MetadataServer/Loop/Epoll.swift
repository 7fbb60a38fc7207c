import CLinux
import Glibc

/// epoll(7), level-triggered: tells which descriptors can be read or written.
struct Epoll {
    struct Interest: OptionSet {
        let rawValue: UInt32

        static let reading = Interest(rawValue: EPOLLIN.rawValue)
        static let writing = Interest(rawValue: EPOLLOUT.rawValue)
    }

    struct Event {
        /// As given to ``add(_:_:token:)``.
        let token: UInt64
        private let bits: UInt32

        init(_ event: epoll_event) {
            token = event.data.u64
            bits = event.events
        }

        var isReadable: Bool { bits & EPOLLIN.rawValue != 0 }
        var isWritable: Bool { bits & EPOLLOUT.rawValue != 0 }
        /// Both directions are shut, or an error is pending; told without being asked for.
        var isBroken: Bool { bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    }

    /// So many are taken from the kernel at once.
    private static let batch = 64

    private let descriptor: CInt
    private var events = [epoll_event](repeating: epoll_event(), count: batch)

    /// `nil`, with `errno`, if there is no descriptor to be had.
    init?() {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { return nil }
    }

    func close() {
        _ = Glibc.close(descriptor)
    }

    /// Closing the last descriptor of what it stands for ends it. `false` if the kernel is short of memory or watches.
    func add(_ watched: CInt, _ interest: Interest, token: UInt64) -> Bool {
        control(EPOLL_CTL_ADD, watched, interest, token)
    }

    func change(_ watched: CInt, _ interest: Interest, token: UInt64) -> Bool {
        control(EPOLL_CTL_MOD, watched, interest, token)
    }

    /// If it isn't watched, nothing is done.
    func remove(_ watched: CInt) {
        _ = control(EPOLL_CTL_DEL, watched, [], 0)
    }

    private func control(_ operation: CInt, _ watched: CInt, _ interest: Interest, _ token: UInt64) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = token
        return epoll_ctl(descriptor, operation, watched, &event) == 0
    }

    /// Waits until something can be done, or the time is over: -1 for ever. Returns how many events there are.
    mutating func wait(milliseconds: CInt) -> Int {
        Int(max(0, epoll_wait(descriptor, &events, CInt(Self.batch), milliseconds)))
    }

    /// Of those that the last ``wait(milliseconds:)`` has counted.
    subscript(index: Int) -> Event { Event(events[index]) }
}
