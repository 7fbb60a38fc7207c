import Logging
import Systemd
import TestSupport
import Testing

@testable import Daemon

@Suite struct JournalLogHandlerTests {
    @Test func `an entry has the message with its facts, and a field for each`() throws {
        let journal = FakeJournal()
        let socket = try #require(JournalSocket(path: journal.path))
        let logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket) }
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
        var logger = Logger(label: "stsbrokerd") { JournalLogHandler(label: $0, journal: socket) }
        logger.logLevel = .trace
        logger.log(level: level, "x")
        #expect(journal.entry()?["PRIORITY"] == priority)
    }
}
