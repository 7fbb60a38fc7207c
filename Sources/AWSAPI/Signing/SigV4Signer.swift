import Credentials
import Crypto
package import FoundationEssentials

/// Signs requests to AWS with Signature Version 4 (IAM User Guide, "AWS Signature Version 4 for API requests").
package struct SigV4Signer: Sendable {
    /// The service as its credential scope spells it: `sts`, `s3`, `dynamodb`.
    package let service: String
    package let region: String
    package let key: AWSAccessKey

    package init(service: String, region: String, key: AWSAccessKey) {
        self.service = service
        self.region = region
        self.key = key
    }

    /// The headers to add to `request` so that AWS accepts it within 15 minutes of `date`: `X-Amz-Date`,
    /// `X-Amz-Security-Token` with temporary keys, `X-Amz-Content-SHA256` for S3, and `Authorization`. Headers of these
    /// names that the request already has are not signed and must be replaced.
    package func sign(_ request: SigV4Request, at date: Date) -> [(name: String, value: String)] {
        let timestamp = Self.timestamp(date)
        let payloadHash = Hex.text(SHA256.hash(data: request.body))
        var added = [(name: "X-Amz-Date", value: timestamp)]
        if let token = key.sessionToken {
            added.append((name: "X-Amz-Security-Token", value: token.revealed()))
        }
        if service == "s3" {
            added.append((name: "X-Amz-Content-SHA256", value: payloadHash))
        }
        let canonical = CanonicalRequest(
            request, headers: headers(of: request, adding: added), payloadHash: payloadHash, keepsPath: service == "s3")
        added.append((name: "Authorization", value: authorization(canonical, timestamp: timestamp)))
        return added
    }

    private func headers(
        of request: SigV4Request, adding added: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        let replaced: Set<String> = ["host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
        let own = request.headers.filter { !replaced.contains($0.name.lowercased()) }
        return own + [(name: "host", value: request.host)] + added
    }

    private func authorization(_ canonical: CanonicalRequest, timestamp: String) -> String {
        let day = String(timestamp.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let hash = Hex.text(SHA256.hash(data: Array(canonical.text.utf8)))
        let textToSign = "AWS4-HMAC-SHA256\n\(timestamp)\n\(scope)\n\(hash)"
        let signature = Hex.text(Self.code(textToSign, key: signingKey(day: day)))
        return "AWS4-HMAC-SHA256 Credential=\(key.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
    }

    private func signingKey(day: String) -> SymmetricKey {
        let secret = key.secretAccessKey.withBytes { SymmetricKey(data: Array("AWS4".utf8) + $0) }
        return [day, region, service, "aws4_request"].reduce(secret) { key, part in
            SymmetricKey(data: Self.code(part, key: key))
        }
    }

    private static func code(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    /// `yyyyMMddTHHmmssZ`, UTC: AWS's other timestamp without its separators.
    private static func timestamp(_ date: Date) -> String {
        AWSTimestamp.text(date).filter { $0 != "-" && $0 != ":" }
    }
}
