package import AccessControl
import Glibc

/// The machine's time zone database: TZif files below `/usr/share/zoneinfo` (tzfile(5)), read anew each time, so that an
/// update of it needs no restart.
package enum ZoneFiles {
    private static let directory = "/usr/share/zoneinfo/"
    /// The largest that tzdata has is a few kilobytes.
    private static let mostBytes = 1 << 17

    /// `UTC` is known without any file.
    package static func offsets(of name: String) throws(UnknownZone) -> ZoneOffsets {
        if name == "UTC" { return .utc }
        guard isZoneName(name) else { throw UnknownZone(problem: "is no name of a time zone") }
        guard let bytes = bytes(ofFileAt: directory + name) else {
            throw UnknownZone(problem: "this machine doesn't know: check its spelling, or install tzdata")
        }
        do throws(UnreadableZone) {
            return try ZoneOffsets(tzif: bytes)
        } catch {
            throw UnknownZone(problem: "can't be used: the file \(directory)\(name) \(error)")
        }
    }

    /// Those of the names that are known.
    package static func offsets(of names: Set<String>) -> [String: ZoneOffsets] {
        var zones: [String: ZoneOffsets] = [:]
        for name in names { zones[name] = try? offsets(of: name) }
        return zones
    }

    /// `nil` if the file can't be read, or is too large to be one.
    private static func bytes(ofFileAt path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { chunk in
            while bytes.count <= mostBytes {
                let length = read(descriptor, chunk.baseAddress, chunk.count)
                guard length >= 0 else { return nil }
                if length == 0 { return bytes }
                bytes.append(contentsOf: chunk[..<length])
            }
            return nil
        }
    }
}

/// A time zone that can't be had.
package struct UnknownZone: Error, Equatable {
    /// Completes the sentence "ZONE …" or "…, which …".
    package let problem: String
}
