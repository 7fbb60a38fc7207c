import Glibc
import Testing

@testable import Daemon

@Suite struct ProcessMemoryTests {
    @Test func `code that is given back is there again when it is used`() {
        #expect(ProcessMemory.releaseCode() > 1 << 20)
        let squares = (1...1000).map { $0 * $0 }.reduce(0, +)
        #expect(squares == 333_833_500)
        #expect("ÄÖÜ".lowercased() == "äöü")
    }
}
