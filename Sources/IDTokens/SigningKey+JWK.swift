import Credentials
import HTTPExchange

/// Reads JWK sets (RFC 7517 section 5) and keeps only keys that may verify signatures.
extension SigningKey {
    private static let maximumKeys = 64

    /// The usable keys of a set; others are left out, as section 5 asks. `nil` if it is not a JWK set.
    static func keys(inSet json: [UInt8]) -> [SigningKey]? {
        guard let set = StrictJSON.decode([String: ClaimValue].self, from: json),
            case .array(let entries)? = set["keys"]
        else { return nil }
        return entries.prefix(maximumKeys).compactMap { entry in
            guard case .object(let jwk) = entry else { return nil }
            return SigningKey(jwk: jwk)
        }
    }

    /// `nil` for keys that are not meant for signatures, too weak, or broken.
    init?(jwk: [String: ClaimValue]) {
        if let use = jwk["use"] { guard use.stringValue == "sig" else { return nil } }
        if let operations = jwk["key_ops"] {
            guard operations.stringValues?.contains("verify") ?? false else { return nil }
        }
        guard let material = Self.material(jwk) else { return nil }
        self.init(id: jwk["kid"]?.stringValue, algorithm: jwk["alg"]?.stringValue, material: material)
    }

    private static func material(_ jwk: [String: ClaimValue]) -> Material? {
        switch (jwk["kty"]?.stringValue, jwk["crv"]?.stringValue) {
        case ("RSA", nil):
            guard let modulus = jwk["n"]?.stringValue, let exponent = jwk["e"]?.stringValue,
                isStrongRSA(modulus: modulus, exponent: exponent)
            else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        case ("EC", let name?):
            guard let curve = ECCurve(rawValue: name), let x = jwk["x"]?.stringValue, let y = jwk["y"]?.stringValue,
                byteCount(x) == curve.coordinateBytes, byteCount(y) == curve.coordinateBytes
            else { return nil }
            return .ellipticCurve(curve, x: x, y: y)
        case ("OKP", "Ed25519"):
            guard let x = jwk["x"]?.stringValue, byteCount(x) == 32 else { return nil }
            return .ed25519(x: x)
        default:
            return nil
        }
    }

    /// At least 2,048 bits (RFC 7518 section 3.3), at most 8,192 so that nobody makes verification slow; the exponent odd,
    /// over 1 and at most 32 bits.
    private static func isStrongRSA(modulus: String, exponent: String) -> Bool {
        guard let modulus = Base64URL.bytes(modulus.utf8)?.drop(while: { $0 == 0 }), let top = modulus.first,
            let exponent = Base64URL.bytes(exponent.utf8)?.drop(while: { $0 == 0 }), let last = exponent.last
        else { return false }
        let bits = modulus.count * 8 - top.leadingZeroBitCount
        return (2_048...8_192).contains(bits) && exponent.count <= 4 && last & 1 == 1
            && !(exponent.count == 1 && last == 1)
    }

    private static func byteCount(_ text: String) -> Int? {
        Base64URL.bytes(text.utf8)?.count
    }
}

extension SigningKey.ECCurve {
    /// RFC 7518 section 6.2.1.2.
    fileprivate var coordinateBytes: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }
}
