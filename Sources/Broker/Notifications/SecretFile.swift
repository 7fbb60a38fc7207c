import Credentials
import FoundationEssentials
import StrictYAML

/// A file that holds one secret on one line.
enum SecretFile {
    private static let longest = 4096

    /// Fails if others may read or write it, and if it is anything but one line of visible ASCII.
    static func read(_ path: String) throws(InvalidYAML) -> Secret {
        let (attributes, contents): ([FileAttributeKey: Any], Data)
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: path)
            contents = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw invalid(path, "can't be read; does it exist, and may this user read it?")
        }
        guard let mode = permissions(attributes), mode & 0o007 == 0 else {
            throw invalid(path, "may be read or written by everybody; take that away with chmod o=")
        }
        var line = contents[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        guard (1...longest).contains(line.count), line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw invalid(path, "must have one line of 1 to \(longest) visible ASCII characters")
        }
        return Secret(line)
    }

    private static func permissions(_ attributes: [FileAttributeKey: Any]) -> Int? {
        let permissions = attributes[.posixPermissions]
        return (permissions as? UInt).map { Int($0) } ?? permissions as? Int ?? (permissions as? UInt16).map { Int($0) }
    }

    private static func invalid(_ path: String, _ problem: String) -> InvalidYAML {
        InvalidYAML(file: path, position: nil, message: problem)
    }
}
