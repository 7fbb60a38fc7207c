import Crypto
package import FoundationEssentials

/// Verifies AWS Signature Version 4 as STS does: known key, matching token, fresh date, right scope, right signature.
package struct SignatureVerifier: Sendable {
    /// AWS's tolerance for clocks, both ways: 15 minutes.
    static let tolerance: TimeInterval = 900

    let keys: AccessKeys
    let region: String

    package init(keys: AccessKeys, region: String) {
        self.keys = keys
        self.region = region
    }

    /// The key that signed the request.
    package func signer(of request: SignedRequest, now: Date) async throws(STSFault) -> AccessKey {
        let signature = try RequestSignature(request)
        guard let key = await keys.key(signature.accessKeyID), Self.isToken(signature.sessionToken, of: key) else {
            throw STSFault(.invalidClientTokenID, "The security token included in the request is invalid.")
        }
        try checkScope(signature)
        try Self.checkDate(signature, now: now)
        try Self.checkSignedHeaders(signature, request)
        try Self.checkSignature(signature, request, secret: key.secret)
        if let expiration = key.expiration, expiration <= now {
            throw STSFault(.expiredToken, "The security token included in the request is expired")
        }
        return key
    }

    private static func isToken(_ given: String?, of key: AccessKey) -> Bool {
        guard let expected = key.sessionToken else { return given == nil }
        return given == expected
    }

    private func checkScope(_ signature: RequestSignature) throws(STSFault) {
        guard signature.region == region else {
            throw STSFault(.signatureDoesNotMatch, "Credential should be scoped to a valid region.")
        }
        guard signature.service == "sts" else {
            throw STSFault(.signatureDoesNotMatch, "Credential should be scoped to correct service: 'sts'.")
        }
        guard signature.timestamp.hasPrefix(signature.scopeDate), signature.scopeDate.utf8.count == 8 else {
            throw STSFault(.signatureDoesNotMatch, "Date in Credential scope does not match the request's date.")
        }
    }

    private static func checkDate(_ signature: RequestSignature, now: Date) throws(STSFault) {
        guard let date = date(signature.timestamp) else {
            throw STSFault(
                .incompleteSignature,
                "Date must be in ISO-8601 'basic format'. Got '\(signature.timestamp.prefix(40))'.")
        }
        guard date.timeIntervalSince(now) <= tolerance else {
            throw STSFault(.signatureDoesNotMatch, "Signature not yet current: \(signature.timestamp) is too late.")
        }
        let age = now.timeIntervalSince(date)
        if let lifetime = signature.presignedLifetime {
            guard age <= TimeInterval(lifetime) else { throw STSFault(.requestExpired, "Request has expired.") }
        } else if age > tolerance {
            throw STSFault(.signatureDoesNotMatch, "Signature expired: \(signature.timestamp) is too early.")
        }
    }

    /// `host` and every `x-amz-` header must be signed, and the list must be sorted, unique and in lower case.
    private static func checkSignedHeaders(
        _ signature: RequestSignature, _ request: SignedRequest
    ) throws(STSFault) {
        let names = signature.signedHeaders
        guard names.contains("host") else {
            throw STSFault(
                .signatureDoesNotMatch, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        guard names == Set(names).sorted(), names.allSatisfy({ $0 == $0.lowercased() }) else {
            throw STSFault(.signatureDoesNotMatch, "'SignedHeaders' must be sorted, unique and in lower case.")
        }
        if let absent = names.first(where: { request.values(of: $0).isEmpty }) {
            throw STSFault(.signatureDoesNotMatch, "The signed header '\(absent)' is not in the request.")
        }
        let amazon = request.headers.map(\.name).filter { $0.hasPrefix("x-amz-") }
        if let unsigned = amazon.first(where: { !names.contains($0) }) {
            throw STSFault(.signatureDoesNotMatch, "The header '\(unsigned)' is not signed.")
        }
    }

    private static func checkSignature(
        _ signature: RequestSignature, _ request: SignedRequest, secret: String
    ) throws(STSFault) {
        let excluded = signature.presignedLifetime == nil ? nil : "X-Amz-Signature"
        let canonical = CanonicalRequest(
            request, signedHeaders: signature.signedHeaders, excludingQuery: excluded)
        let text = [RequestSignature.algorithm, signature.timestamp, signature.scope, canonical.hash]
            .joined(separator: "\n")
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [signature.scopeDate, signature.region, signature.service, "aws4_request"] {
            key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
        }
        let expected = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        guard PercentEncoding.hexadecimal(expected) == signature.signature else {
            throw STSFault(
                .signatureDoesNotMatch,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details.")
        }
    }

    /// `20260102T030405Z`, and nothing else.
    private static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        let digits = bytes[..<8] + bytes[9..<15]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let day = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
        return try? Date("\(day)T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z", strategy: .iso8601)
    }
}
