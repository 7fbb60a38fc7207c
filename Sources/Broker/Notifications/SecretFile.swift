import Credentials
import FoundationEssentials
import StrictYAML

/// A file that holds one secret on one line.
enum SecretFile {
    private static let longest = 4096
    private static let prefix = "whsec_"

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

    /// The key that signs what is posted: what the line has in base64 after `whsec_`, as libraries of Standard Webhooks
    /// take it; without that prefix, the line's own bytes. Fails where ``read(_:)`` does, and for what is no base64.
    static func signingKey(_ path: String) throws(InvalidYAML) -> Secret {
        let line = try read(path)
        let text = line.revealed()
        guard text.hasPrefix(prefix) else { return line }
        guard let key = Data(base64Encoded: String(text.dropFirst(prefix.count))), !key.isEmpty else {
            throw InvalidYAML(file: path, position: nil, message: "must have base64 of the key after \"\(prefix)\"")
        }
        return Secret(key)
    }
}
