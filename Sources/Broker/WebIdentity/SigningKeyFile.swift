import AWSAPI
import Credentials
import FoundationEssentials
import Glibc
import HTTPExchange

/// The file that keeps the signing keys over restarts: JSON, mode 0600, the server's own.
struct SigningKeyFile: Sendable {
    private static let longest = 256 * 1024

    let path: String

    /// A key, and when it begins to sign.
    struct Entry: Sendable {
        let key: RSASigningKey
        let signsFrom: Date
    }

    private struct Document: Codable {
        var keys: [Key]

        struct Key: Codable {
            /// Milliseconds since 1970.
            var signsFrom: Int64
            var pem: String

            enum CodingKeys: String, CodingKey {
                case pem
                case signsFrom = "signs_from"
            }
        }
    }

    /// The keys, earliest first; empty if there is no file yet.
    func read() throws(SigningKeyFault) -> [Entry] {
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            bytes = try BoundedFile.privateContents(path, longest: Self.longest)
        } catch {
            if error == .absent { return [] }
            throw SigningKeyFault(error, of: path)
        }
        guard let document = StrictJSON.decode(Document.self, from: bytes), !document.keys.isEmpty else {
            throw SigningKeyFault(message: "\(path) has no signing keys that can be read; restore it, or remove it")
        }
        var entries: [Entry] = []
        for stored in document.keys {
            guard let key = try? RSASigningKey(pem: Secret(stored.pem)) else {
                throw SigningKeyFault(message: "\(path) has a signing key that can't be used; restore it, or remove it")
            }
            entries.append(Entry(key: key, signsFrom: Date(timeIntervalSince1970: Double(stored.signsFrom) / 1000)))
        }
        return entries.sorted { $0.signsFrom < $1.signsFrom }
    }

    /// Replaces all keys at once: after a crash there are the old ones or the new ones, on the disk.
    func write(_ entries: [Entry]) throws(SigningKeyFault) {
        let document = Document(
            keys: entries.map {
                .init(
                    signsFrom: Int64(exactly: ($0.signsFrom.timeIntervalSince1970 * 1000).rounded(.down)) ?? 0,
                    pem: $0.key.pem.revealed())
            })
        guard let data = try? JSONEncoder().encode(document) else {
            throw SigningKeyFault(message: "signing keys can't be written as JSON")
        }
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SigningKeyFault("create", draft) }
        defer { close(file) }
        var rest = Array(data)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SigningKeyFault("write", draft) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0, rename(draft, path) == 0 else { throw SigningKeyFault("replace", path) }
        try syncFolder()
    }

    /// rename(2) is on the disk only when its folder is.
    private func syncFolder() throws(SigningKeyFault) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw SigningKeyFault("open", folder) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw SigningKeyFault("write", folder) }
    }
}

/// Why the signing keys can't be had or kept.
struct SigningKeyFault: Error, Equatable, CustomStringConvertible {
    let description: String

    /// A step that failed with `errno`.
    init(_ step: String, _ path: String) {
        description = "can't \(step) \(path): \(String(cString: strerror(errno)))"
    }

    init(message: String) {
        description = message
    }

    /// A file that others can read has no secrets, and one that others can write could have theirs.
    init(_ fault: BoundedFile.Fault, of path: String) {
        switch fault {
        case .absent: description = "\(path) is gone"
        case .notPrivate:
            description = "\(path) must be a file of the server's own user that nobody else may read or write (0600)"
        case .unreadable(let problem): description = "can't read \(path): \(problem)"
        }
    }
}
