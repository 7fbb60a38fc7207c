import Credentials
import DaemonAPI
import OIDC
import Testing

@testable import Commands

@Suite struct LoginCommandTests {
    private static let lifetimes: [(RefreshTokenLifetime, seconds: Int?)] = [
        (.unstated, nil), (.unlimited, nil), (.limited(.seconds(1800.9)), 1800),
    ]

    @Test(arguments: lifetimes)
    func `the daemon is handed the tokens, and how long the refresh token is good for, if that is known`(
        lifetime: RefreshTokenLifetime, seconds: Int?
    ) {
        let tokens = TokenSet(
            idToken: Secret("t"), refreshToken: Secret("r"), expiresIn: .seconds(60), refreshLifetime: lifetime)
        let provider = ProviderStatus(issuer: "https://idp.example", clientID: "c", scopes: ["openid"])
        let signIn = SignIn(tokens, from: provider)
        #expect(signIn.issuer == "https://idp.example" && signIn.clientID == "c")
        #expect(signIn.idToken == "t" && signIn.refreshToken == "r")
        #expect(signIn.refreshTokenExpiresIn == seconds)
    }
}
