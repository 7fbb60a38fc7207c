import JWTKit
import OIDC

/// A public key that an issuer signs with, fit for use.
struct SigningKey: Sendable, Equatable {
    /// Coordinates and numbers in base64url, as the JWK has them.
    enum Material: Sendable, Equatable {
        case rsa(modulus: String, exponent: String)
        case ellipticCurve(ECCurve, x: String, y: String)
        case ed25519(x: String)
    }

    enum ECCurve: String, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"
    }

    let id: String?
    /// The only algorithm the issuer wants it used with, if it says so.
    let algorithm: String?
    let material: Material

    /// Whether this kind of key, and this key, may be used with the algorithm: the header alone never decides.
    func fits(_ name: String) -> Bool {
        if let algorithm, algorithm != name { return false }
        switch material {
        case .rsa: return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].contains(name)
        case .ellipticCurve(.p256, _, _): return name == "ES256"
        case .ellipticCurve(.p384, _, _): return name == "ES384"
        case .ellipticCurve(.p521, _, _): return name == "ES512"
        case .ed25519: return name == "EdDSA"
        }
    }

    /// Whether the token carries this key's signature by the algorithm that its header names.
    func verifies(_ jws: CompactJWS) async -> Bool {
        guard fits(jws.algorithm) else { return false }
        do {
            let keys = JWTKeyCollection()
            try await add(to: keys, algorithm: jws.algorithm)
            return try await keys.getKey().verify(jws.signature, signs: jws.signingInput)
        } catch {
            return false
        }
    }

    private func add(to keys: JWTKeyCollection, algorithm: String) async throws {
        switch material {
        case .rsa(let modulus, let exponent):
            let key = try Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
            let digest: DigestAlgorithm =
                switch algorithm.suffix(3) {
                case "512": .sha512
                case "384": .sha384
                default: .sha256
                }
            if algorithm.hasPrefix("PS") {
                await keys.add(pss: key, digestAlgorithm: digest)
            } else {
                await keys.add(rsa: key, digestAlgorithm: digest)
            }
        case .ellipticCurve(.p256, let x, let y): await keys.add(ecdsa: try ES256PublicKey(parameters: (x, y)))
        case .ellipticCurve(.p384, let x, let y): await keys.add(ecdsa: try ES384PublicKey(parameters: (x, y)))
        case .ellipticCurve(.p521, let x, let y): await keys.add(ecdsa: try ES512PublicKey(parameters: (x, y)))
        case .ed25519(let x): await keys.add(eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519))
        }
    }
}
