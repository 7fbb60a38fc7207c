import Credentials
import Crypto
import CryptoExtras
import FoundationEssentials
import IDTokens

@testable import OIDC

/// A key of a test's identity provider. It signs with swift-crypto directly, so that JWTKit is judged by something else.
struct TestKey: Sendable {
    let id: String
    let algorithm: String
    /// What the provider publishes.
    var jwk: [String: ClaimValue]
    let sign: @Sendable ([UInt8]) throws -> Data

    static func make(_ algorithm: String, id: String) throws -> TestKey {
        switch algorithm {
        case "ES256":
            let key = P256.Signing.PrivateKey()
            return ellipticCurve(id, algorithm, "P-256", point: key.publicKey.rawRepresentation) {
                try key.signature(for: $0).rawRepresentation
            }
        case "ES384":
            let key = P384.Signing.PrivateKey()
            return ellipticCurve(id, algorithm, "P-384", point: key.publicKey.rawRepresentation) {
                try key.signature(for: $0).rawRepresentation
            }
        case "ES512":
            let key = P521.Signing.PrivateKey()
            return ellipticCurve(id, algorithm, "P-521", point: key.publicKey.rawRepresentation) {
                try key.signature(for: $0).rawRepresentation
            }
        case "EdDSA":
            let key = Curve25519.Signing.PrivateKey()
            let jwk = ["kty": "OKP", "crv": "Ed25519", "x": base64URL(key.publicKey.rawRepresentation)]
            return TestKey(id: id, algorithm: algorithm, jwk: published(jwk, id, algorithm)) {
                try key.signature(for: $0)
            }
        default:
            return try rsa(algorithm, id: id)
        }
    }

    private static func rsa(_ algorithm: String, id: String) throws -> TestKey {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let numbers = try key.publicKey.getKeyPrimitives()
        let jwk = ["kty": "RSA", "n": base64URL(numbers.modulus), "e": base64URL(numbers.publicExponent)]
        let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
        return TestKey(id: id, algorithm: algorithm, jwk: published(jwk, id, algorithm)) { input in
            switch algorithm.suffix(3) {
            case "512": try key.signature(for: SHA512.hash(data: input), padding: padding).rawRepresentation
            case "384": try key.signature(for: SHA384.hash(data: input), padding: padding).rawRepresentation
            default: try key.signature(for: SHA256.hash(data: input), padding: padding).rawRepresentation
            }
        }
    }

    /// A signed token; `header` overrides or adds fields.
    func token(_ claims: [String: ClaimValue], header: [String: ClaimValue] = [:]) throws -> String {
        let fields = ["alg": .string(algorithm), "kid": .string(id), "typ": .string("JWT")]
            .merging(header) { $1 }.filter { $0.value != .null }
        let input = try base64URL(JSONEncoder().encode(fields)) + "." + base64URL(JSONEncoder().encode(claims))
        return try input + "." + base64URL(sign(Array(input.utf8)))
    }

    private static func ellipticCurve(
        _ id: String, _ algorithm: String, _ curve: String, point: Data,
        _ sign: @escaping @Sendable ([UInt8]) throws -> Data
    ) -> TestKey {
        let half = point.count / 2
        let jwk = ["kty": "EC", "crv": curve, "x": base64URL(point.prefix(half)), "y": base64URL(point.suffix(half))]
        return TestKey(id: id, algorithm: algorithm, jwk: published(jwk, id, algorithm), sign: sign)
    }

    private static func published(_ jwk: [String: String], _ id: String, _ algorithm: String) -> [String: ClaimValue] {
        jwk.merging(["kid": id, "alg": algorithm, "use": "sig"]) { $1 }.mapValues { .string($0) }
    }
}

/// Base64url without padding.
func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
