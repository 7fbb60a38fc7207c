import Glibc
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import CallerIdentity

@Suite("LookUpQueue", .timeLimit(.minutes(1)))
struct LookUpQueueTests {
    /// Where a look-up is stuck until the test opens it.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func pass() {
            while !isOpen.withLock({ $0 }) { usleep(1000) }
        }
    }

    private final class Notes: Sendable {
        private let notes = Mutex<[Int]>([])

        var all: [Int] { notes.withLock { $0 } }

        func add(_ note: Int) { notes.withLock { $0.append(note) } }
    }

    private let pool = NIOThreadPool(numberOfThreads: 2)
    private let gate = Gate()
    private let notes = Notes()

    @Test("A user's look-ups wait for each other, in their order, and no other user's do")
    func lines() async throws {
        pool.start()
        let queue = LookUpQueue(pool: pool)
        queue.submit(for: 1, by: .distantFuture) { [gate, notes] _ in
            gate.pass()
            notes.add(0)
        }
        for number in 1...100 { queue.submit(for: 1, by: .distantFuture) { [notes] _ in notes.add(number) } }
        for user in 2...100 as ClosedRange<UInt32> {
            let isInTime = await withCheckedContinuation { (done: CheckedContinuation<Bool, Never>) in
                queue.submit(for: user, by: .distantFuture) { done.resume(returning: $0) }
            }
            #expect(isInTime)
        }
        #expect(notes.all.isEmpty)
        gate.open()
        try await awaited("all are looked up") { notes.all.count == 101 }
        #expect(notes.all == Array(0...100))
        try await pool.shutdownGracefully()
    }

    @Test("What has waited too long is not looked up, and leaves the line when another joins it")
    func late() async throws {
        pool.start()
        let queue = LookUpQueue(pool: pool)
        queue.submit(for: 1, by: .distantFuture) { [gate] _ in gate.pass() }
        queue.submit(for: 1, by: .now()) { [notes] in notes.add($0 ? 1 : -1) }
        #expect(notes.all.isEmpty)
        queue.submit(for: 1, by: .distantFuture) { [notes] in notes.add($0 ? 2 : -2) }
        #expect(notes.all == [-1])
        gate.open()
        try await awaited("the line ends") { notes.all.count == 2 }
        #expect(notes.all == [-1, 2])
        queue.submit(for: 1, by: .now()) { [notes] in notes.add($0 ? 3 : -3) }
        try await awaited("it is told") { notes.all.count == 3 }
        #expect(notes.all.last == -3)
        try await pool.shutdownGracefully()
    }
}
