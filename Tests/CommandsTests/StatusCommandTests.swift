import DaemonAPI
import Testing

@testable import Commands

@Suite struct StatusCommandTests {
    private func status(_ state: SignInStatus.State, roles: [RoleStatus] = []) -> DaemonStatus {
        DaemonStatus(
            version: "1", brokerURL: "https://broker.example",
            provider: ProviderStatus(issuer: "https://idp.example", clientID: "c", scopes: ["openid"]),
            signIn: SignInStatus(state: state, subject: state == .signedIn ? "alice" : nil),
            listeners: [ListenerStatus(name: "imds", face: "imds", address: "127.0.0.1:9911")], roles: roles)
    }

    @Test func `says who is signed in, what is held, what went wrong and where to ask`() {
        let roles = [
            RoleStatus(
                name: "developer", policy: "dev", isDefault: true, state: "failing", expiration: "2026-01-01T00:00:00Z",
                nextRefresh: "2026-01-01T00:00:01Z", lastError: "The broker cannot be reached."),
            RoleStatus(name: "ro", policy: "readonly", isDefault: false, state: "idle"),
        ]
        #expect(
            StatusCommand.text(status(.signedIn, roles: roles)) == """
                Signed in as alice at https://idp.example.

                ROLE                 STATE    EXPIRES               REFRESHES             POLICY
                developer (default)  failing  2026-01-01T00:00:00Z  2026-01-01T00:00:01Z  dev
                ro                   idle     -                     -                     readonly
                developer: The broker cannot be reached.

                LISTENER  FACE  ADDRESS
                imds      imds  127.0.0.1:9911
                """)
    }

    @Test func `says what to do when nobody is signed in`() {
        #expect(StatusCommand.text(status(.signInRequired)).hasPrefix("Nobody is signed in; run: stsbroker login\n"))
    }
}
