import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite struct JournalSocketTests {
    private let journal = FakeJournal()

    @Test func `an entry is one datagram with a field for each value, line breaks and all`() throws {
        let socket = try #require(JournalSocket(path: journal.path))
        let fields = [("MESSAGE", "two\nlines"), ("PRIORITY", "6"), ("STSBROKER_ROLE", "a=b"), ("STSBROKER_EMPTY", "")]
        #expect(socket.send(fields))
        #expect(
            journal.entry() == [
                "MESSAGE": "two\nlines", "PRIORITY": "6", "STSBROKER_ROLE": "a=b", "STSBROKER_EMPTY": "",
            ])
        #expect(journal.entry() == nil)
    }

    @Test func `a value with a line break can't add a field`() throws {
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send([("MESSAGE", "x\nPRIORITY=0"), ("PRIORITY", "6")]))
        #expect(journal.entry() == ["MESSAGE": "x\nPRIORITY=0", "PRIORITY": "6"])
    }

    @Test func `an entry that no datagram holds is cut, and says so`() throws {
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send([("MESSAGE", String(repeating: "ä", count: 1 << 20)), ("PRIORITY", "6")]))
        let entry = try #require(journal.entry())
        #expect(entry["MESSAGE"] == String(repeating: "ä", count: 512))
        #expect(entry["PRIORITY"] == "6" && entry["STSBROKER_TRUNCATED"] == "yes")
    }

    @Test func `names that the journal doesn't take are left out`() throws {
        let socket = try #require(JournalSocket(path: journal.path))
        #expect(socket.send([("_UID", "0"), ("lower", "x"), ("", "x"), ("A\nB", "x"), ("MESSAGE", "x")]))
        #expect(journal.entry() == ["MESSAGE": "x"])
    }

    @Test(arguments: [("role", "STSBROKER_ROLE"), ("user-agent", "STSBROKER_USER_AGENT"), ("é", "STSBROKER___")])
    func `a key becomes a name that the journal takes`(key: String, name: String) {
        #expect(JournalSocket.fieldName(key, prefix: "STSBROKER_") == name)
    }

    @Test func `only a stream that is the journal's counts`() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var facts = stat()
        fstat(ends[0], &facts)
        let environment = ["JOURNAL_STREAM": "\(facts.st_dev):\(facts.st_ino)"]
        #expect(JournalSocket(environment: environment, descriptor: ends[0], path: journal.path) != nil)
        #expect(JournalSocket(environment: environment, descriptor: ends[1], path: journal.path) == nil)
        #expect(JournalSocket(environment: [:], descriptor: ends[0], path: journal.path) == nil)
    }

    @Test func `without a journal nothing is sent`() throws {
        let socket = try #require(JournalSocket(path: "/nowhere/at/all"))
        #expect(!socket.send([("MESSAGE", "x")]))
    }
}
