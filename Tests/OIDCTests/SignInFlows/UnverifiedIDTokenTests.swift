import Credentials
import FoundationEssentials
import OIDC
import Testing

@Suite struct UnverifiedIDTokenTests {
    @Test(
        "shows the name that people know",
        arguments: [
            (["preferred_username": "al", "email": "a@x"], "al"), (["email": "a@x", "name": "Al"], "a@x"),
            (["cognito:username": "ca", "name": "Al"], "ca"), (["preferred_username": "", "name": "Al"], "Al"),
            ([:], "sub-1"),
        ] as [([String: String], String)])
    func showsName(claims: [String: String], name: String) throws {
        let base: [String: ClaimValue] = ["sub": .string("sub-1"), "exp": .number(1_800_000_000)]
        let token = try TestKey.make("ES256", id: "k").token(base.merging(claims.mapValues { .string($0) }) { $1 })
        let shown = try UnverifiedIDToken(Secret(token))
        #expect(shown.displayName == name)
        #expect(shown.expiration == Date(timeIntervalSince1970: 1_800_000_000))
    }

    @Test(
        "refuses what is not a token with a subject and an expiry",
        arguments: ["", "a.b.c", "e30.e30.AA", "eyJhbGciOiJub25lIn0.e30."])
    func refuses(token: String) {
        #expect(throws: SignInError.self) { try UnverifiedIDToken(Secret(token)) }
    }
}
