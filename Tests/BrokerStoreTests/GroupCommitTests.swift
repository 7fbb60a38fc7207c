import Foundation
import GRDB
import Synchronization
import Testing

@testable import BrokerStore

@Suite struct GroupCommitTests {
    private struct Refused: Error {}

    private final class Tally: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Counts what reaches the disk.
    private final class Commits: TransactionObserver, Sendable {
        private let count = Atomic<Int>(0)

        var number: Int { count.load(ordering: .relaxed) }

        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ database: Database) { count.add(1, ordering: .relaxed) }
        func databaseDidRollback(_ database: Database) {}
    }

    private let database: DatabaseQueue
    private let commits: GroupCommit
    private let counted = Commits()

    init() throws {
        database = try DatabaseQueue()
        try database.write { try $0.execute(sql: "CREATE TABLE entries (number INTEGER PRIMARY KEY)") }
        database.add(transactionObserver: counted, extent: .databaseLifetime)
        commits = GroupCommit(database)
    }

    private func add(_ number: Int, then refusal: (any Error)? = nil) async throws -> Int {
        try await commits.write { database in
            try database.execute(sql: "INSERT INTO entries VALUES (?)", arguments: [number])
            if let refusal { throw refusal }
            return try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM entries") ?? 0
        }
    }

    private var numbers: Set<Int> {
        get throws { try database.read { try Set(Int.fetchAll($0, sql: "SELECT number FROM entries")) } }
    }

    /// Adds the numbers while the writer is busy, so that they are all there when it is free; `nil` for those that failed.
    private func addTogether(_ range: Range<Int>, _ refusal: @escaping @Sendable (Int) -> (any Error)?) async -> [Int:
        Int?]
    {
        let isFree = DispatchSemaphore(value: 0)
        database.asyncWriteWithoutTransaction { _ in isFree.wait() }
        return await withTaskGroup(of: (Int, Int?).self) { group in
            for number in range { group.addTask { (number, try? await add(number, then: refusal(number))) } }
            // Time for them to come; if it isn't enough, they share fewer commits.
            try? await Task.sleep(for: .milliseconds(200))
            isFree.signal()
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }

    @Test func `those that come while the writer is busy share commits, and see those before them`() async throws {
        let counts = await addTogether(0..<40) { _ in nil }
        #expect(Set(counts.values.compactMap { $0 }) == Set(1...40))
        #expect(try numbers == Set(0..<40))
        #expect(counted.number < 40)
    }

    @Test func `one that fails leaves nothing, and takes none with it`() async throws {
        let counts = await addTogether(0..<20) { $0 % 3 == 0 ? Refused() : nil }
        let good = Set((0..<20).filter { $0 % 3 != 0 })
        #expect(try numbers == good)
        #expect(Set(counts.filter { $0.value != nil }.keys) == good)
        await #expect(throws: Refused.self) { try await add(100, then: Refused()) }
        await #expect(throws: DatabaseError.self) { try await add(1) }
        #expect(try numbers == good)
    }

    @Test func `when the whole transaction is lost, the others are done all the same`() async throws {
        let attempts = Tally()
        let isFree = DispatchSemaphore(value: 0)
        database.asyncWriteWithoutTransaction { _ in isFree.wait() }
        let succeeded = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<10 { group.addTask { (try? await add(number)) != nil } }
            group.addTask {
                let isDone: Void? = try? await commits.write { database in
                    attempts.count.add(1, ordering: .relaxed)
                    try database.execute(sql: "INSERT INTO entries VALUES (99)")
                    try database.rollback()
                    throw Refused()
                }
                return isDone != nil
            }
            try? await Task.sleep(for: .milliseconds(200))
            isFree.signal()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(succeeded == 10)
        #expect(try numbers == Set(0..<10))
        #expect((1...2).contains(attempts.count.load(ordering: .relaxed)))
    }

    @Test func `more than a group at once are all done`() async throws {
        let counts = await addTogether(0..<(3 * GroupCommit.largestGroup)) { _ in nil }
        #expect(counts.values.compactMap { $0 }.count == 3 * GroupCommit.largestGroup)
        #expect(try numbers.count == 3 * GroupCommit.largestGroup)
    }
}
