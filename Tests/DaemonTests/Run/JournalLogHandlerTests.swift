import Logging
import Systemd
import TestSupport
import Testing

@testable import Daemon

@Suite struct JournalLogHandlerTests {
    private let pipe: TestPipe
    private let text: LogStream

    init() throws {
        pipe = try TestPipe()
        text = LogStream(descriptor: pipe.writer)
    }

    @Test func `an entry has the message with its facts, and a field for each`() throws {
        let journal = FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        let logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket, text: text) }
        logger.warning("caller refused", metadata: ["uid": "1000", "user_agent": "two\nlines"])
        #expect(
            journal.entry() == [
                "MESSAGE": "caller refused uid=1000 user_agent=two\nlines", "PRIORITY": "4",
                "SYSLOG_IDENTIFIER": "stsbrokerd", "STSBROKER_EVENT": "caller refused", "STSBROKER_UID": "1000",
                "STSBROKER_USER_AGENT": "two\nlines",
            ])
        logger.debug("too quiet")
        #expect(journal.entry() == nil)
    }

    @Test(arguments: [
        (Logger.Level.critical, "2"), (.error, "3"), (.warning, "4"), (.notice, "5"), (.info, "6"), (.debug, "7"),
        (.trace, "7"),
    ])
    func `levels are syslog's`(level: Logger.Level, priority: String) throws {
        let journal = FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        var logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket, text: text) }
        logger.logLevel = .trace
        logger.log(level: level, "x")
        #expect(journal.entry()?["PRIORITY"] == priority)
    }

    @Test func `without a journal the log is text`() throws {
        let socket = try #require(JournalSocket(path: "/nowhere/at/all"))
        let logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket, text: text) }
        logger.warning("caller refused", metadata: ["uid": "1000"])
        #expect(pipe.text().hasSuffix(" warning stsbrokerd: uid=1000 [DaemonTests] caller refused\n"))
    }

    @Test func `a journal that doesn't keep up blocks nobody, and what is lost is told`() throws {
        let journal = FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        let logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket, text: text) }
        pipe.fill()
        // More than any queue of the kernel takes (net.unix.max_dgram_qlen, net.core.wmem_default).
        for _ in 0..<2000 { logger.info("x") }
        var kept = 0
        while journal.entry() != nil { kept += 1 }
        #expect((1..<2000).contains(kept))
        logger.info("again")
        #expect(journal.entry()?["MESSAGE"] == "again")
        let told = try #require(journal.entry())
        #expect(told["MESSAGE"] == "log lines lost count=\(2000 - kept)" && told["PRIORITY"] == "4")
        logger.info("and again")
        #expect(journal.entry()?["MESSAGE"] == "and again")
        #expect(journal.entry() == nil)
    }
}
