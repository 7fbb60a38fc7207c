import AsyncHTTPClient
import FoundationEssentials
import JWTKit
import NIOCore
import NIOHTTP1

/// The broker as an OpenID provider that the sample account has registered: its tokens are verified with what it publishes, fetched
/// anew each time, as strictly as IAM's documentation reads.
struct BrokerProvider: Sendable {
    let issuer: String
    private static let patience = TimeAmount.seconds(5)

    private struct Discovery: Decodable {
        var issuer: String
        var jwksURI: String
        var responseTypes: [String]
        var subjectTypes: [String]
        var algorithms: [String]

        enum CodingKeys: String, CodingKey {
            case issuer
            case jwksURI = "jwks_uri"
            case responseTypes = "response_types_supported"
            case subjectTypes = "subject_types_supported"
            case algorithms = "id_token_signing_alg_values_supported"
        }
    }

    private struct KeySet: Decodable {
        var keys: [Key]

        struct Key: Decodable {
            var kid: String
            var kty: String
            var alg: String
            var n: String
            var e: String
        }
    }

    private struct Header: Decodable {
        var alg: String
        var kid: String
    }

    func identity(of token: String, now: Date) async throws(STSFault) -> WebIdentity {
        let claims = try await verified(token)
        let seconds = Int64(now.timeIntervalSince1970)
        guard claims.exp > seconds else {
            throw STSFault(.expiredTokenException, "Token expired: current date/time must be before the expiration")
        }
        guard claims.iat <= seconds + 60, claims.nbf ?? claims.iat <= seconds + 60 else {
            throw Self.invalid("it is not valid yet")
        }
        // SubjectFromWebIdentityToken has 6 to 255 characters.
        guard (6...255).contains(claims.sub.unicodeScalars.count) else {
            throw Self.invalid("its subject is too short or long")
        }
        return WebIdentity(
            provider: .broker, issuer: issuer, subject: claims.sub, audience: claims.aud, tags: claims.tags,
            sourceIdentity: claims.sourceIdentity)
    }

    private func verified(_ token: String) async throws(STSFault) -> Claims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decoded(Header.self, base64URL: parts[0]), header.alg == "RS256"
        else {
            throw Self.invalid("it is no JWT signed with RS256")
        }
        let key = try await publishedKey(header.kid)
        do {
            let keys = JWTKeyCollection()
            await keys.add(
                rsa: try JWTKit.Insecure.RSA.PublicKey(modulus: key.n, exponent: key.e), digestAlgorithm: .sha256)
            return try await keys.verify(token, as: Claims.self)
        } catch is DecodingError {
            throw Self.invalid("a claim is missing, or has another shape than AWS's")
        } catch {
            throw Self.invalid("the signature is wrong")
        }
    }

    private func publishedKey(_ id: String) async throws(STSFault) -> KeySet.Key {
        let discovery = try await fetch(Discovery.self, from: issuer + "/.well-known/openid-configuration")
        guard discovery.issuer == issuer, discovery.algorithms.contains("RS256"), discovery.subjectTypes == ["public"],
            discovery.responseTypes.contains("id_token")
        else { throw Self.invalid("the provider's configuration is not that of \(issuer)") }
        let set = try await fetch(KeySet.self, from: discovery.jwksURI)
        let fitting = set.keys.filter { $0.kid == id && $0.kty == "RSA" && $0.alg == "RS256" }
        guard let key = fitting.first, fitting.count == 1 else { throw Self.invalid("there is no key of its kid") }
        return key
    }

    private func fetch<Document: Decodable>(_ type: Document.Type, from url: String) async throws(STSFault) -> Document
    {
        do {
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: Self.patience)
            guard answer.status == .ok else {
                throw STSFault(.identityProviderUnreachable, "status \(answer.status.code)")
            }
            let body = try await answer.body.collect(upTo: 1_048_576)
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch {
            throw STSFault(
                .identityProviderUnreachable, "Couldn't retrieve verification key from your identity provider")
        }
    }

    /// The issuer that a token claims to be of; nothing is verified.
    static func claimedIssuer(of token: String) -> String? {
        struct Issuer: Decodable { var iss: String }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 ? decoded(Issuer.self, base64URL: parts[1])?.iss : nil
    }

    private static func decoded<Value: Decodable>(_ type: Value.Type, base64URL text: Substring) -> Value? {
        var base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        return Data(base64Encoded: base64).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }

    private static func invalid(_ reason: String) -> STSFault {
        STSFault(.invalidIdentityToken, "The ID Token provided is not a valid JWT. (\(reason))")
    }
}

extension BrokerProvider {
    /// What AWS reads of a token; all but `nbf` and the last two must be there.
    private struct Claims: JWTPayload {
        var iss: String
        var sub: String
        var aud: String
        var exp: Int64
        var iat: Int64
        var nbf: Int64?
        var tags: WebIdentityTags?
        var sourceIdentity: String?

        enum CodingKeys: String, CodingKey {
            case iss, sub, aud, exp, iat, nbf
            case tags = "https://aws.amazon.com/tags"
            case sourceIdentity = "https://aws.amazon.com/source_identity"
        }

        /// Whoever reads the claims judges times and audience.
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
