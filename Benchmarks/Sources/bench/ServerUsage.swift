import Foundation

/// What a process has used so far, as /proc tells (proc(5)).
struct ServerUsage {
    let processorSeconds: Double
    /// Of memory, in bytes.
    let resident: Int

    init(of pid: Int32) throws {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name in parentheses may have blanks; behind it, utime and stime are fields 14 and 15.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ").dropFirst()
        let numbers = fields.map { Double($0) ?? 0 }
        guard numbers.count > 21 else { throw CocoaError(.fileReadCorruptFile) }
        processorSeconds = (numbers[11] + numbers[12]) / Double(sysconf(Int32(_SC_CLK_TCK)))
        resident = Int(numbers[21]) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    var residentText: String { "\(resident / 1_048_576) MiB" }
}
