import Foundation
import Glibc
import Testing

@testable import Daemon

@Suite struct LogStreamTests {
    private let pipe: TestPipe
    private let stream: LogStream

    init() throws {
        pipe = try TestPipe()
        stream = LogStream(descriptor: pipe.writer)
    }

    @Test func `lines that a full pipe doesn't take are left out, and the next one is preceded by their count`() {
        stream.write("one\n")
        #expect(pipe.text() == "one\n")
        pipe.fill()
        for _ in 0..<3 { stream.write("lost\n") }
        #expect(pipe.text().allSatisfy { $0 == "." })
        stream.write("two\n")
        #expect(pipe.text() == "stsbrokerd: 3 log lines lost\ntwo\n")
        stream.write("three\n")
        #expect(pipe.text() == "three\n")
        #expect(fcntl(pipe.writer, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `what is lost is told elsewhere once`() {
        var told: [Int] = []
        func tell(_ count: Int) -> Bool {
            told.append(count)
            return true
        }
        stream.tellLost(tell)
        pipe.fill()
        for _ in 0..<3 { stream.write("lost\n") }
        stream.tellLost { _ in false }
        for _ in 0..<2 { stream.tellLost(tell) }
        #expect(told == [3])
    }

    @Test func `a line is cut at what a pipe takes at once, between characters`() {
        stream.write(String(repeating: "ä", count: 4000) + "\n")
        #expect(pipe.text() == String(repeating: "ä", count: 2047) + "\n")
    }

    @Test func `a patient line waits for room`() {
        pipe.fill()
        Thread.detachNewThread { [stream] in
            LogStream.$patience.withValue(60_000) { stream.write("patient\n") }
        }
        var (text, more) = ("", "")
        repeat {
            more = pipe.text()
            text += more
        } while !more.isEmpty && !text.hasSuffix("patient\n")
        #expect(text.hasSuffix("patient\n") && !text.contains("lost"))
    }

    @Test func `after a line is lost, none waits`() {
        pipe.fill()
        stream.write("lost\n")
        let start = ContinuousClock.now
        LogStream.$patience.withValue(60_000) { stream.write("lost\n") }
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}
