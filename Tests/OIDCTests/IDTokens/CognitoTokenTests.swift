import Credentials
import FoundationEssentials
import HTTPExchange
import IDTokens
import Logging
import TestSupport
import Testing

@testable import OIDC

/// Tokens that moto's Cognito user pools issue: another implementation's signatures, keys and claims.
@Suite struct CognitoTokenTests {
    private struct Pool: Decodable, Sendable {
        let issuer, client, jwks, idToken, accessToken: String
    }

    @Test("a Cognito ID token is accepted, and refused when altered, expired, or for another audience, pool or use")
    func judgesCognitoToken() async throws {
        try await MotoServer.running { moto in
            let pools = try await PythonEnvironment.run(
                try PythonEnvironment.script("moto_cognito.py", of: #filePath),
                input: ["endpoint": moto.endpoint], as: [Pool].self)
            let (ours, theirs) = (try #require(pools.first), try #require(pools.last))
            let shown = try UnverifiedIDToken(Secret(ours.idToken))
            #expect(shown.issuer == ours.issuer)
            let valid = shown.expiration.addingTimeInterval(-60)

            let verified = try await verifier(ours, at: valid).verify(ours.idToken)
            #expect(verified.claims["cognito:username"]?.stringValue == "alice")
            #expect(verified.audiences == [ours.client])

            let swapped = parts(ours.idToken)[0] + "." + parts(theirs.idToken)[1] + "." + parts(ours.idToken)[2]
            await #expect(throws: IDTokenError.unknownIssuer(theirs.issuer)) {
                try await verifier(ours, at: valid).verify(swapped)
            }
            await #expect(throws: IDTokenError.badSignature) { try await verifier(theirs, at: valid).verify(swapped) }
            await #expect(throws: IDTokenError.expired) {
                try await verifier(ours, at: shown.expiration.addingTimeInterval(60)).verify(ours.idToken)
            }
            await #expect(throws: IDTokenError.wrongAudience) {
                try await verifier(ours, client: theirs.client, at: valid).verify(ours.idToken)
            }
            await #expect(throws: IDTokenError.unknownIssuer(theirs.issuer)) {
                try await verifier(ours, at: valid).verify(theirs.idToken)
            }
            await #expect(throws: IDTokenError.wrongTokenUse) {
                try await verifier(ours, at: valid).verify(ours.accessToken)
            }
        }
    }

    private func verifier(_ pool: Pool, client: String? = nil, at now: Date) throws -> IDTokenVerifier {
        let terms = try TrustedIssuer(
            issuer: pool.issuer, audiences: [client ?? pool.client], jwksURI: pool.jwks, algorithms: ["RS256"],
            tokenUse: "id")
        return IDTokenVerifier(
            issuers: [terms], http: .shared, logger: Logger(label: "test"), timeout: .seconds(60), now: { now })
    }

    private func parts(_ token: String) -> [String] {
        token.split(separator: ".").map(String.init)
    }
}
