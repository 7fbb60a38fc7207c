import Credentials
import StrictYAML

/// A file that holds one secret on one line.
enum SecretFile {
    private static let longest = 4096

    /// Fails if others may read or write it, and if it is anything but one line of visible ASCII.
    static func read(_ path: String) throws(InvalidYAML) -> Secret {
        var line = try ConfiguredFile.bytes(of: path, secrecy: .group, longest: longest + 1)[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        guard (1...longest).contains(line.count), line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidYAML(
                file: path, position: nil, message: "must have one line of 1 to \(longest) visible ASCII characters")
        }
        return Secret(line)
    }
}
