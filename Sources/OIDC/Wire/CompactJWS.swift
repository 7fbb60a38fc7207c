package import Credentials
import HTTPExchange

/// A JWT taken apart (RFC 7515 section 3.1), its header and claims read but nothing about it verified.
package struct CompactJWS: Sendable {
    /// Longest token that is looked at, in bytes.
    package static let maximumBytes = 16 * 1_024
    private static let maximumHeaderBytes = 4 * 1_024

    /// The header's `alg`.
    package let algorithm: String
    /// The header's `kid`.
    package let keyID: String?
    package let claims: [String: ClaimValue]
    /// What the signature covers.
    package let signingInput: [UInt8]
    package let signature: [UInt8]

    package init(_ token: String) throws(IDTokenError) {
        guard token.utf8.count <= Self.maximumBytes else {
            throw .malformed("it is longer than \(Self.maximumBytes) bytes")
        }
        let bytes = Array(token.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("it does not have three parts") }
        guard parts[0].count <= Self.maximumHeaderBytes else { throw .malformed("its header is too long") }
        let header = try Self.object(parts[0], name: "header")
        (algorithm, keyID) = try Self.check(header)
        claims = try Self.object(parts[1], name: "payload")
        guard let signature = Base64URL.bytes(parts[2]) else { throw .malformed("its signature is not base64url") }
        self.signature = signature
        signingInput = Array(bytes[..<parts[2].startIndex].dropLast())
    }

    private static func object(_ part: ArraySlice<UInt8>, name: String) throws(IDTokenError) -> [String: ClaimValue] {
        guard let json = Base64URL.bytes(part) else { throw .malformed("its \(name) is not base64url") }
        guard let fields = StrictJSON.decode([String: ClaimValue].self, from: json) else {
            throw .malformed("its \(name) is not a JSON object")
        }
        return fields
    }

    /// `crit` names extensions that must be understood (RFC 7515 section 4.1.11); none is. `typ` keeps tokens of other
    /// kinds out, such as `at+jwt` (RFC 8725 section 3.11).
    private static func check(
        _ header: [String: ClaimValue]
    ) throws(IDTokenError) -> (algorithm: String, keyID: String?) {
        guard let algorithm = header["alg"]?.stringValue else { throw .malformed("its header has no alg") }
        guard header["crit"] == nil else { throw .malformed("its header has crit, and no extension is supported") }
        if let type = header["typ"] {
            guard type.stringValue?.lowercased() == "jwt" else { throw .malformed("its header's typ is not JWT") }
        }
        if let keyID = header["kid"] {
            guard let text = keyID.stringValue else { throw .malformed("its header's kid is not a text") }
            return (algorithm, text)
        }
        return (algorithm, nil)
    }
}
