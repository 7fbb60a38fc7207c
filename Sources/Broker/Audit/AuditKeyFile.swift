import AccessControl
import FoundationEssentials
import Glibc
import StrictYAML

/// The file with the key that signs checkpoints: the base64 of 32 bytes on one line, for its owner alone.
enum AuditKeyFile {
    /// Reads the key. Fails if there is none, or if others than the file's owner may read or write it.
    static func read(_ path: String) throws(InvalidYAML) -> AuditSigningKey {
        let bytes = try ConfiguredFile.bytes(of: path, secrecy: .owner, longest: 128)
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard text.count == 1 || (text.count == 2 && text[1].isEmpty),
            let key = AuditSigningKey(base64: String(text[0]))
        else { throw InvalidYAML(file: path, position: nil, message: "must have one line with the base64 of 32 bytes") }
        return key
    }

    /// Reads the key, or makes one where there is no such file. It appears whole or not at all, however the process ends.
    static func readOrCreate(_ path: String) throws(InvalidYAML) -> AuditSigningKey {
        if access(path, F_OK) == 0 { return try read(path) }
        let key = AuditSigningKey()
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(draft) }
        defer { close(descriptor) }
        let line = Array("\(key.revealed)\n".utf8)
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0, rename(draft, path) == 0 else {
            throw failure(path)
        }
        return key
    }

    private static func failure(_ path: String) -> InvalidYAML {
        let problem = String(cString: strerror(errno))
        return InvalidYAML(file: path, position: nil, message: "can't be written: \(problem)")
    }
}
