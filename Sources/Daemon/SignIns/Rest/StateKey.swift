import Cryptography
import Glibc
import StrictYAML

/// The keys under which secrets are kept on disk, and where they are from.
package struct StateKey: Sendable {
    /// In the order in which they are looked for.
    package enum Source: String, Sendable {
        /// systemd's credential `stsbrokerd-key` (systemd.exec(5), LoadCredential and LoadCredentialEncrypted).
        case credential
        /// The key `stsbrokerd` of type `user` in the daemon's session or user keyring (keyrings(7)).
        case keyring
        /// The file `key` in the state directory, which is made where there is nothing else.
        case file
    }

    static let credentialName = "stsbrokerd-key"
    /// What is given as a key must have that many bytes.
    private static let leastBytes = 32

    package let source: Source
    let signIns: SealingKey
    let credentials: SealingKey

    /// - Parameter material: at least 32 bytes that nobody can guess.
    init(source: Source, material: [UInt8]) {
        self.source = source
        // Whatever the form of what was given, and so that the same secret in other hands opens nothing here.
        signIns = Self.key(from: material, purpose: "stsbrokerd sign-ins 1")
        credentials = Self.key(from: material, purpose: "stsbrokerd credentials 1")
    }

    private static func key(from material: [UInt8], purpose: String) -> SealingKey {
        material.withUnsafeBytes { SealingKey(derivedFrom: $0, purpose: purpose) }
    }

    /// Never goes on to the next source if one is there and can't be used: files would be sealed under another key.
    static func found(
        in folder: StateFolder, environment: [String: String], keyring: () -> [UInt8]? = KernelKeyring.secret
    ) throws(StateFault) -> StateKey {
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty {
            let path = "\(directory)/\(credentialName)"
            if access(path, F_OK) == 0 { return StateKey(source: .credential, material: try contents(of: path)) }
        }
        if let secret = keyring() {
            guard secret.count >= leastBytes else {
                throw StateFault("The key stsbrokerd in the kernel's keyring has under \(leastBytes) bytes.")
            }
            return StateKey(source: .keyring, material: secret)
        }
        return StateKey(source: .file, material: try file(in: folder))
    }

    private static func contents(of path: String) throws(StateFault) -> [UInt8] {
        let bytes: [UInt8]
        do throws(InvalidYAML) {
            bytes = try ConfiguredFile.bytes(of: path)
        } catch {
            throw StateFault("\(path) \(error.message).")
        }
        guard bytes.count >= leastBytes else { throw StateFault("\(path) has under \(leastBytes) bytes.") }
        return bytes
    }

    private static func file(in folder: StateFolder) throws(StateFault) -> [UInt8] {
        switch folder.read("key") {
        case .contents(let bytes) where bytes.count >= leastBytes: return bytes
        case .absent:
            let bytes = (0..<leastBytes).map { _ in UInt8.random(in: .min ... .max) }
            try folder.write(bytes, to: "key")
            return bytes
        case .contents:
            throw StateFault("\(folder.path)/key has under \(leastBytes) bytes; remove it, and all must sign in again.")
        case .unusable(let reason): throw StateFault("\(folder.path)/key \(reason).")
        }
    }
}

/// Why sign-ins can't be kept; a sentence.
package struct StateFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
