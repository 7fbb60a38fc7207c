import FoundationEssentials
import GRDB

/// The broker's records in one SQLite file.
///
/// Write-ahead log and `synchronous=FULL`: what a write reported as done survives a power cut. GRDB runs every
/// statement on its own queues, so no caller's thread waits for the disk.
package final class SQLiteRecords: BrokerRecords {
    private let database: DatabasePool
    private let commits: GroupCommit
    let catalog = DecodedCatalog()

    /// Opens the file, creates it if it is absent, and brings its tables up to date. Fails if a newer version has brought them further.
    package init(path: String) throws(StoreError) {
        var configuration = Configuration()
        configuration.label = "broker records"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabasePool(path: path, configuration: configuration)
            // GRDB lowers it to NORMAL when it opens a pool; there is one writing connection, and it stays open.
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            // What a newer version keeps in a grant, this one would mint without.
            guard try !database.read(Schema.migrator.hasBeenSuperseded) else {
                throw StoreError.unreadable("tables of a newer version than this one")
            }
            try Schema.migrator.migrate(database)
            commits = GroupCommit(database)
        } catch {
            throw StoreError(error, doing: "opening \(path)")
        }
    }

    /// Runs the statements in one transaction: all of them happen, or none. They may run more than once, if only the last time counts.
    func write<Value: Sendable>(
        _ what: String, _ statements: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await commits.write(statements)
        } catch {
            throw StoreError(error, doing: what)
        }
    }

    /// Runs the statements on one consistent snapshot.
    func read<Value: Sendable>(
        _ what: String, _ statements: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await database.read { database in try statements(database) }
        } catch {
            throw StoreError(error, doing: what)
        }
    }
}

extension StoreError {
    /// Says what failed by SQLite's result code; never the statement's arguments.
    init(_ error: any Error, doing what: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY:
            self = .conditionFailed("\(what): the id is in use")
        case let error as DatabaseError:
            self = .unavailable("\(what): SQLite result \(error.extendedResultCode.rawValue)")
        case is CancellationError: self = .unavailable("\(what): cancelled")
        default: self = .unavailable(what)
        }
    }
}

extension Date {
    /// Milliseconds since 1970, as the tables store instants; clamped for instants that no clock shows.
    var milliseconds: Int64 { Int64(exactly: (timeIntervalSince1970 * 1000).rounded(.down)) ?? .max }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
