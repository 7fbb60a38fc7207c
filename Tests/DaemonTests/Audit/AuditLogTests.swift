import CallerIdentity
import CredentialCache
import Foundation
import Logging
import MetadataServer
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Keeps what is written.
final class CollectedAudit: AuditSink {
    private let records = Mutex<[AuditRecord]>([])

    func write(_ record: AuditRecord) { records.withLock { $0.append(record) } }
    func reopen() {}

    var all: [AuditRecord] { records.withLock { $0 } }

    /// What `log` holds, once it is finished: outcome, role, key and count.
    func summary(_ log: AuditLog) async -> [String] {
        await log.writeLines()
        return all.map { record in
            "\(record.kind.outcome) \(record.kind.key?.role ?? "-") \(record.kind.accessKeySuffix ?? "-") \(record.count)"
        }
    }
}

@Suite struct AuditLogTests {
    private let time = ManualTime()
    private let sink = CollectedAudit()
    private let log: AuditLog

    init() {
        let time = time
        log = AuditLog(sink: sink, noting: .unixSockets, now: { time.now })
    }

    private func kind(
        _ role: String = "developer", user: UInt32 = 1000, code: String = "SignInRequired", denial: DenialReason? = nil
    ) throws -> AuditKind {
        let key = CredentialKey(principal: .localUser(user), role: role)
        let caller = ObservedCaller(.success(Caller(userID: user, groupID: nil, processID: nil)))
        return try #require(
            AuditKind(
                .failed(RequestFailure(code: code, denial: denial, key: key)),
                of: ObservedConnection(caller: caller, listener: "l", face: .containerCredentials), sdk: .awsCLI))
    }

    private func note(_ kind: AuditKind, times: Int = 1) {
        for _ in 0..<times { _ = log.note(kind, userAgent: "aws-cli/2", processID: 7) }
    }

    @Test func `the first of each kind is a line at once, and the others are one with their number`() async throws {
        note(try kind(), times: 5)
        note(try kind(user: 1001))
        note(try kind("auditor"))
        log.endWindow()
        log.finish()
        #expect(
            await sink.summary(log) == [
                "SignInRequired developer - 1", "SignInRequired developer - 1", "SignInRequired auditor - 1",
                "SignInRequired developer - 4",
            ])
        #expect(sink.all.last?.since == time.now)
    }

    @Test func `what has not come again is the first of its kind again`() async throws {
        let tally = log.note(try kind(), userAgent: "", processID: nil)
        log.endWindow()
        #expect(!tally.countRepeat())
        note(try kind(), times: 2)
        log.endWindow()
        note(try kind())
        log.finish()
        #expect(await sink.summary(log).map { $0.suffix(1) } == ["1", "1", "1", "1"])
        #expect(sink.all.map { $0.since == nil } == [true, true, false, false])
    }

    @Test func `nothing is lost when there are more kinds than are held`() async throws {
        let rounds = AuditLog.mostKinds + 10
        for number in 0..<rounds { note(try kind("r\(number)"), times: 2) }
        log.finish()
        _ = await sink.summary(log)
        #expect(sink.all.filter { $0.since == nil }.count == rounds)
        #expect(sink.all.map(\.count).reduce(0, +) == 2 * rounds)
    }

    @Test func `counting in many threads loses nothing`() async throws {
        let kind = try kind()
        await withDiscardingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { [log] in
                    var tally = log.note(kind, userAgent: "", processID: nil)
                    for _ in 1..<5000 where !tally.countRepeat() {
                        tally = log.note(kind, userAgent: "", processID: nil)
                    }
                }
            }
            group.addTask { [log] in for _ in 0..<200 { log.endWindow() } }
        }
        log.finish()
        _ = await sink.summary(log)
        #expect(sink.all.map(\.count).reduce(0, +) == 20_000)
    }

    @Test func `what was told without credentials is no hand-out`() {
        let caller = ObservedCaller(.failure(.noUser))
        let connection = ObservedConnection(caller: caller, listener: "l", face: .instanceMetadata)
        #expect(AuditKind(.told, of: connection, sdk: .none) == nil)
        let notFound = RequestFailure(code: "NotFound", denial: nil, key: nil)
        #expect(AuditKind(.failed(notFound), of: connection, sdk: .none) == nil)
        let denied = RequestFailure(code: "CallerNotAllowed", denial: .callerUnknown, key: nil)
        #expect(AuditKind(.failed(denied), of: connection, sdk: .none)?.origin == nil)
    }

    @Test func `a line is one JSON object, whatever callers call themselves`() throws {
        let record = AuditRecord(
            kind: try kind(denial: .noRule), at: Date(timeIntervalSince1970: 1_800_000_000),
            userAgent: "a\"b\\c\r\n{\"outcome\":\"issued\"}\u{202E}" + String(repeating: "x", count: 5000), processID: 7
        )
        #expect(record.line.hasSuffix("}\n") && record.line.split(separator: "\n").count == 1)
        #expect(record.line.utf8.count < 1000)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(record.line.utf8)) as? [String: NSObject])
        #expect(object["time"] as? String == "2027-01-15T08:00:00Z")
        #expect(object["outcome"] as? String == "SignInRequired")
        #expect(object["reason"] as? String == "no_rule")
        #expect((object["uid"] as? NSNumber)?.intValue == 1000 && (object["pid"] as? NSNumber)?.intValue == 7)
        #expect((object["user_agent"] as? String)?.hasPrefix("a\"b\\c  {\"outcome\":\"issued\"} x") == true)
    }

    @Test func `in the log nothing that a caller writes looks like another field`() throws {
        let record = AuditRecord(
            kind: try kind(), at: Date(timeIntervalSince1970: 0), userAgent: "x role=admin", processID: nil)
        #expect(record.metadata["user_agent"] == #""x role=admin""#)
        #expect(record.metadata["role"] == "developer")
    }

    @Test(arguments: [
        ("/system.slice/docker-\(String(repeating: "0f", count: 32)).scope", "0f0f0f0f0f0f"),
        ("/docker/\(String(repeating: "ab", count: 32))", "abababababab"),
        ("/kubepods/pod12345678-1234/\(String(repeating: "1c", count: 32))/init", "1c1c1c1c1c1c"),
        ("/user.slice/user-1000.slice", nil), ("/x/\(String(repeating: "a", count: 65))", nil), ("", nil),
    ])
    func `a container is known by its control group`(path: String, container: String?) {
        #expect(ContainerID.text(in: path) == container)
    }

    @Test func `its level doesn't silence it`() throws {
        let lines = LogLines()
        var logger = lines.logger
        logger.logLevel = .critical
        AuditToLog(logger).write(
            AuditRecord(kind: try kind(), at: Date(timeIntervalSince1970: 0), userAgent: "", processID: nil))
        #expect(lines.lines.first?.hasPrefix("notice credentials refused ") == true)
    }

    @Test func `its lines may wait for the log`() throws {
        let seen = SeenPatience()
        let logger = Logger(label: "test") { _ in seen }
        AuditToLog(logger).write(
            AuditRecord(kind: try kind(), at: Date(timeIntervalSince1970: 0), userAgent: "", processID: nil))
        logger.info("x")
        #expect(seen.all == [1000, 0])
    }
}

/// A log handler that notes how long each line may wait.
private final class SeenPatience: LogHandler {
    private let seen = Mutex<[CInt]>([])

    var all: [CInt] { seen.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { seen.withLock { $0.append(LogStream.patience) } }
}
