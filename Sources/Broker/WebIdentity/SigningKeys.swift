import Credentials
import FoundationEssentials
import Synchronization

/// The broker's signing keys: those that sign, and those that are only published.
final class SigningKeys: Sendable {
    private let file: SigningKeyFile
    private let schedule: KeySchedule
    private let now: @Sendable () -> Date
    private let entries: Mutex<[SigningKeyFile.Entry]>

    /// Reads the keys, and makes the first one if there is none. Those that are due come and go at once.
    init(_ file: SigningKeyFile, schedule: KeySchedule, now: @escaping @Sendable () -> Date) throws(SigningKeyFault) {
        self.file = file
        self.schedule = schedule
        self.now = now
        entries = Mutex(try file.read())
        _ = try rotate()
    }

    /// All that verify tokens, the earliest first.
    var published: [JSONWebKey] { entries.withLock { $0.map(\.key.jwk) } }

    /// A token with these claims, signed by the key whose time it is.
    func token(_ claims: some Encodable) throws -> Secret {
        let entries = entries.withLock { $0 }
        guard let place = schedule.signer(entries.map(\.signsFrom), at: now()) else {
            throw SigningKeyFault(message: "there is no signing key")
        }
        return try entries[place].key.token(claims)
    }

    /// Does what is due. What can't be written changes nothing. Only one task may call it.
    /// - Returns: what changed, and when to call again.
    func rotate() throws(SigningKeyFault) -> (added: [String], dropped: [String], next: Date) {
        var (added, dropped): ([String], [String]) = ([], [])
        while true {
            var changed = entries.withLock { $0 }
            switch schedule.step(changed.map(\.signsFrom), at: now()) {
            case .rest(let next): return (added, dropped, next)
            case .add(let start):
                guard let key = try? RSASigningKey() else {
                    throw SigningKeyFault(message: "no signing key can be made")
                }
                changed.append(SigningKeyFile.Entry(key: key, signsFrom: start))
                added.append(key.id)
            case .drop(let count):
                dropped += changed.prefix(count).map(\.key.id)
                changed.removeFirst(count)
            }
            // Nobody sees a key that a crash would forget.
            try file.write(changed)
            entries.withLock { [changed] in $0 = changed }
        }
    }
}
