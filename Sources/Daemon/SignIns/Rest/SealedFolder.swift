import Cryptography
import HTTPExchange

/// Documents in the state directory, each sealed with AES-256-GCM for one context, which is authenticated but not in the file: no file
/// can stand in for another one.
struct SealedFolder: Sendable {
    let folder: StateFolder
    let key: SealingKey
    /// What each file begins with, in the clear: a line that says what it is.
    let header: String

    /// Fails with why the file can't be used, as a sentence about it.
    func open<Value: Decodable>(_ name: String, as type: Value.Type, context: String) throws(StateFault) -> Value {
        switch folder.read(name) {
        case .absent: throw StateFault("it is gone")
        case .unusable(let reason): throw StateFault("it \(reason)")
        case .contents(let bytes):
            guard bytes.starts(with: header.utf8) else { throw StateFault("it is of another kind") }
            let sealed = Array(bytes.dropFirst(header.utf8.count))
            let opened = key.open(sealed, context: context) { StrictJSON.decode(type, from: $0) }
            guard let opened else {
                throw StateFault(
                    "it was sealed with another key, for another user, or has changed since")
            }
            guard let value = opened else { throw StateFault("it has another form") }
            return value
        }
    }

    func write(_ value: some Encodable, to name: String, context: String) throws(StateFault) {
        let sealed = StrictJSON.encode(value)?.withUnsafeBytes { key.seal($0, context: context) } ?? nil
        guard let sealed else { throw StateFault("it can't be sealed") }
        try folder.write(Array(header.utf8) + sealed, to: name)
    }
}
