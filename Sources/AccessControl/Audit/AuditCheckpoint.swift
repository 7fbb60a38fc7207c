import Crypto
import FoundationEssentials

/// The broker's word that its audit trail was so at some time. Whoever hasn't the key can't write anew what comes before it.
package struct AuditCheckpoint: Codable, Sendable, Equatable {
    /// The last record that it covers, and with it all before.
    package var sequence: Int64
    /// That record's.
    package var hash: String
    /// When it was signed, in milliseconds since 1970.
    package var milliseconds: Int64
    /// Which key has signed; see ``AuditPublicKey/id``.
    package var keyID: String
    /// Ed25519 (RFC 8032), in base64.
    package var signature: String

    package init(sequence: Int64, hash: String, milliseconds: Int64, keyID: String, signature: String) {
        self.sequence = sequence
        self.hash = hash
        self.milliseconds = milliseconds
        self.keyID = keyID
        self.signature = signature
    }

    enum CodingKeys: String, CodingKey {
        case sequence, hash, signature
        case milliseconds = "at_ms"
        case keyID = "key_id"
    }

    /// What is signed: as in TLS 1.3 (RFC 8446, section 4.4.3), 64 blanks, what it is, a zero byte, then the content, so that
    /// no signature for anything else is one of a checkpoint. Every field is preceded by its length, as in the chain.
    var signedBytes: Data {
        var bytes = Data(repeating: 0x20, count: 64) + Data("stsbroker audit checkpoint v1".utf8) + Data([0])
        for field in [String(sequence), hash, String(milliseconds), keyID] {
            bytes += Data("\(field.utf8.count):\(field)".utf8)
        }
        return bytes
    }

    /// Whether the key has signed exactly this.
    package func isSigned(by key: AuditPublicKey) -> Bool {
        guard keyID == key.id, let signature = Data(base64Encoded: signature) else { return false }
        return key.key.isValidSignature(signature, for: signedBytes)
    }
}

/// The key with which the broker signs checkpoints.
package struct AuditSigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new one.
    package init() { key = Curve25519.Signing.PrivateKey() }

    /// Reads the base64 of 32 bytes (RFC 8032, section 5.1.5); `nil` for anything else.
    package init?(base64 text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count == 32,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    /// The secret itself.
    package var revealed: String { key.rawRepresentation.base64EncodedString() }

    package var publicKey: AuditPublicKey { AuditPublicKey(key.publicKey) }

    /// Fails only if the cryptography does.
    package func checkpoint(
        sequence: Int64, hash: String, milliseconds: Int64
    ) throws -> AuditCheckpoint {
        var checkpoint = AuditCheckpoint(
            sequence: sequence, hash: hash, milliseconds: milliseconds, keyID: publicKey.id, signature: "")
        checkpoint.signature = try key.signature(for: checkpoint.signedBytes).base64EncodedString()
        return checkpoint
    }
}

/// What checkpoints are verified with. Keep it where whoever could change the trail can't change it.
package struct AuditPublicKey: Sendable {
    let key: Curve25519.Signing.PublicKey

    init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// Reads the base64 of 32 bytes; `nil` for anything else.
    package init?(base64 text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count == 32,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    package var base64: String { key.rawRepresentation.base64EncodedString() }

    /// The first 16 bytes of the key's SHA-256, in hex: enough to tell keys apart, and no proof of anything.
    package var id: String { String(hexadecimal(SHA256.hash(data: key.rawRepresentation)).prefix(32)) }
}

/// `GET /v1/audit/checkpoints`: what follows a sequence number, and the key of now.
package struct AuditCheckpointPage: Codable, Sendable, Equatable {
    package var checkpoints: [AuditCheckpoint]
    package var keyID: String
    package var publicKey: String

    package init(checkpoints: [AuditCheckpoint], key: AuditPublicKey) {
        self.checkpoints = checkpoints
        keyID = key.id
        publicKey = key.base64
    }

    enum CodingKeys: String, CodingKey {
        case checkpoints
        case keyID = "key_id"
        case publicKey = "public_key"
    }
}
