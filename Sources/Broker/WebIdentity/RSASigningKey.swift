import Credentials
import Crypto
import CryptoExtras
import FoundationEssentials

/// A key that signs with RS256 (RFC 7518 section 3.3), which AWS takes of OpenID providers.
struct RSASigningKey: Sendable {
    /// Its thumbprint (RFC 7638), so that a key has one name for ever.
    let id: String
    /// As it is published.
    let jwk: JSONWebKey
    private let key: _RSA.Signing.PrivateKey

    /// Makes a new one of 2,048 bits; takes a fraction of a second.
    init() throws {
        try self.init(_RSA.Signing.PrivateKey(keySize: .bits2048))
    }

    init(pem: Secret) throws {
        try self.init(_RSA.Signing.PrivateKey(pemRepresentation: pem.revealed()))
    }

    private init(_ key: _RSA.Signing.PrivateKey) throws {
        self.key = key
        let numbers = try key.publicKey.getKeyPrimitives()
        let (modulus, exponent) = (Base64URL.text(numbers.modulus), Base64URL.text(numbers.publicExponent))
        // Members in this order and without blanks (RFC 7638 section 3).
        let thumbprint = SHA256.hash(data: Data(#"{"e":"\#(exponent)","kty":"RSA","n":"\#(modulus)"}"#.utf8))
        id = Base64URL.text(thumbprint)
        jwk = JSONWebKey(kid: id, n: modulus, e: exponent)
    }

    /// PEM; whoever has it can be the broker to AWS.
    var pem: Secret { Secret(key.pemRepresentation) }

    /// A JSON Web Token with these claims (RFC 7519).
    func token(_ claims: some Encodable) throws -> Secret {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = try encoder.encode(["alg": "RS256", "kid": id, "typ": "JWT"])
        let signed = Base64URL.text(header) + "." + Base64URL.text(try encoder.encode(claims))
        let signature = try key.signature(for: SHA256.hash(data: Data(signed.utf8)), padding: .insecurePKCS1v1_5)
        return Secret(signed + "." + Base64URL.text(signature.rawRepresentation))
    }
}

/// A public key as `/jwks` shows it (RFC 7517 section 4, RFC 7518 section 6.3).
struct JSONWebKey: Encodable, Sendable, Equatable {
    let kid: String
    let n: String
    let e: String
    var alg = "RS256"
    var kty = "RSA"
    var use = "sig"
}

private enum Base64URL {
    /// Without padding (RFC 7515, appendix C).
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
