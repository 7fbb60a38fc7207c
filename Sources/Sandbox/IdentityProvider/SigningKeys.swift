import Crypto
import CryptoExtras
import FoundationEssentials
import JWTKit

/// The provider's key pairs: made anew at each start, one for RS256 and one for ES256, and rotated on request.
package actor SigningKeys {
    package enum Algorithm: String, Sendable, Codable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    private struct Pair {
        var rsa: PublishedKey
        var elliptic: PublishedKey
    }

    private var collection: JWTKeyCollection
    private var current: Pair
    private var retired: [PublishedKey] = []

    /// Takes about a second in a debug build: RSA keys of 2,048 bits.
    package init() async throws {
        let collection = JWTKeyCollection()
        self.collection = collection
        self.current = try await Self.addPair(to: collection)
    }

    /// New tokens are signed by new keys. The old ones stay published, as real providers keep them for a while, unless
    /// they are to be forgotten.
    package func rotate(forgetOld: Bool) async throws {
        if forgetOld {
            let fresh = JWTKeyCollection()
            let pair = try await Self.addPair(to: fresh)
            (collection, current, retired) = (fresh, pair, [])
        } else {
            let pair = try await Self.addPair(to: collection)
            retired += [current.rsa, current.elliptic]
            current = pair
        }
    }

    /// The JSON Web Key Set (RFC 7517 section 5).
    package var published: PublishedKeySet {
        PublishedKeySet(keys: [current.rsa, current.elliptic] + retired)
    }

    package func sign(_ claims: IDTokenClaims, with algorithm: Algorithm = .rs256) async throws -> String {
        let key = algorithm == .rs256 ? current.rsa : current.elliptic
        return try await collection.sign(claims, kid: JWKIdentifier(string: key.kid))
    }

    /// The claims of a token that one of the published keys signed. Throws for any other token.
    package func verify(_ token: String) async throws -> IDTokenClaims {
        try await collection.verify(token, as: IDTokenClaims.self)
    }

    private static func addPair(to collection: JWTKeyCollection) async throws -> Pair {
        let rsa = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        let elliptic = P256.Signing.PrivateKey()
        let pair = Pair(
            rsa: try PublishedKey(rsa.publicKey), elliptic: PublishedKey(elliptic.publicKey))
        await collection.add(rsa: rsa, digestAlgorithm: .sha256, kid: JWKIdentifier(string: pair.rsa.kid))
        await collection.add(
            ecdsa: try ES256PrivateKey(backing: elliptic), kid: JWKIdentifier(string: pair.elliptic.kid))
        return pair
    }
}

/// The answer of `/jwks`.
package struct PublishedKeySet: Encodable, Sendable {
    package var keys: [PublishedKey]
}

/// One public key as a JSON Web Key (RFC 7518 section 6).
package struct PublishedKey: Encodable, Sendable, Equatable {
    package var kid: String
    package var use = "sig"
    package var alg: String
    package var kty: String
    package var n: String?
    package var e: String?
    package var crv: String?
    package var x: String?
    package var y: String?

    init(_ key: JWTKit.Insecure.RSA.PublicKey) throws {
        let primitives = try key.getKeyPrimitives()
        kid = RandomText.urlSafe(bytes: 12)
        alg = SigningKeys.Algorithm.rs256.rawValue
        kty = "RSA"
        n = RandomText.base64URL(primitives.modulus)
        e = RandomText.base64URL(primitives.publicExponent)
    }

    init(_ key: P256.Signing.PublicKey) {
        kid = RandomText.urlSafe(bytes: 12)
        alg = SigningKeys.Algorithm.es256.rawValue
        kty = "EC"
        crv = "P-256"
        // The raw representation is X and Y, 32 bytes each.
        x = RandomText.base64URL(key.rawRepresentation.prefix(32))
        y = RandomText.base64URL(key.rawRepresentation.suffix(32))
    }
}
