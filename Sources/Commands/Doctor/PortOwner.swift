import FoundationEssentials

/// Who listens on a TCP port of this machine (proc(5), /proc/net/tcp).
struct PortOwner: Equatable {
    let userID: UInt32
    /// The name of the process, as far as this user may see it.
    var program: String?

    /// `nil` if nobody does.
    static func of(port: UInt16) -> PortOwner? {
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = try? String(contentsOf: URL(filePath: table), encoding: .utf8),
                let entry = entry(of: port, in: text)
            else { continue }
            return PortOwner(userID: entry.userID, program: program(holding: entry.inode))
        }
        return nil
    }

    /// The first that listens there.
    static func entry(of port: UInt16, in table: String) -> (userID: UInt32, inode: String)? {
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            // TCP_LISTEN is 10, linux/tcp_states.h.
            guard fields.count > 9, fields[3] == "0A", let local = fields[1].split(separator: ":").last,
                UInt16(local, radix: 16) == port, let userID = UInt32(fields[7])
            else { continue }
            return (userID, String(fields[9]))
        }
        return nil
    }

    private static func program(holding inode: String) -> String? {
        let files = FileManager.default
        for process in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] where Int32(process) != nil {
            for descriptor in (try? files.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? [] {
                let link = try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(descriptor)")
                guard link == "socket:[\(inode)]" else { continue }
                let name = try? String(contentsOf: URL(filePath: "/proc/\(process)/comm"), encoding: .utf8)
                return name.map { ProfileFile.trimmed($0) }
            }
        }
        return nil
    }
}
