import GRDB
import Synchronization

/// Lets transactions that arrive while another is being synced to disk share the next commit: one sync for all of them, as
/// that is what takes the time.
///
/// Each is still all or nothing by itself, sees what those before it have done, and is reported as done only when the commit is on
/// disk. If the shared transaction is lost, each of them is tried again in one of its own, so statements must not have effects outside
/// the database.
final class GroupCommit: Sendable {
    /// So many share a commit at most, lest the first waits for ever more.
    static let largestGroup = 64

    private struct State {
        var waiting: [any PendingTransaction] = []
        var isCommitting = false
    }

    private let writer: any DatabaseWriter
    private let state = Mutex(State())

    init(_ writer: any DatabaseWriter) { self.writer = writer }

    /// Runs the statements in a transaction, and returns when it is on disk.
    func write<Value: Sendable>(_ statements: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let transaction = Transaction(statements, continuation)
            let mustBegin = state.withLock { state in
                state.waiting.append(transaction)
                defer { state.isCommitting = true }
                return !state.isCommitting
            }
            if mustBegin { writer.asyncWriteWithoutTransaction { self.commitAll(in: $0) } }
        }
    }

    /// Until nobody waits.
    private func commitAll(in database: Database) {
        while let group = nextGroup() { commit(group, in: database) }
    }

    private func nextGroup() -> [any PendingTransaction]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isCommitting = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [any PendingTransaction], in database: Database) {
        do {
            try database.inTransaction(.immediate) {
                for transaction in group { try transaction.run(in: database) }
                return .commit
            }
            for transaction in group { transaction.committed() }
        } catch {
            guard group.count > 1 else {
                for transaction in group { transaction.failed(error) }
                return
            }
            for transaction in group { commit([transaction], in: database) }
        }
    }
}

/// A transaction that somebody waits for. Used on the writer's queue only.
private protocol PendingTransaction: AnyObject, Sendable {
    /// Throws only if the transaction around it is lost; its own failure is kept until it is asked for.
    func run(in database: Database) throws
    /// The transaction around it is on disk.
    func committed()
    func failed(_ error: any Error)
}

private final class Transaction<Value: Sendable>: PendingTransaction {
    private let statements: @Sendable (Database) throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(
        _ statements: @escaping @Sendable (Database) throws -> Value,
        _ continuation: CheckedContinuation<Value, any Error>
    ) {
        self.statements = statements
        self.continuation = continuation
    }

    func run(in database: Database) throws {
        do {
            try database.inSavepoint {
                let value = try statements(database)
                result.withLock { $0 = .success(value) }
                return .commit
            }
        } catch {
            result.withLock { $0 = .failure(error) }
            // After some errors, such as a full disk, SQLite rolls back everything (sqlite.org, "Response To Errors Within A Transaction").
            guard database.isInsideTransaction else { throw error }
        }
    }

    func committed() {
        continuation.resume(with: result.withLock { $0 } ?? .failure(CancellationError()))
    }

    func failed(_ error: any Error) { continuation.resume(throwing: error) }
}
