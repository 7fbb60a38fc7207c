import DaemonAPI
import Testing

@testable import Commands

@Suite struct StatusCommandTests {
    private func status(_ state: SignInStatus.State, roles: [RoleStatus] = []) -> DaemonStatus {
        var status = DaemonStatus(
            version: "1", brokerURL: "https://broker.example",
            provider: ProviderStatus(issuer: "https://idp.example", clientID: "c", scopes: ["openid"]),
            signIn: SignInStatus(state: state, subject: state == .signedIn ? "alice" : nil),
            listeners: [ListenerStatus(name: "imds", face: "imds", address: "127.0.0.1:9911")], roles: roles)
        status.now = "2025-12-31T22:57:58Z"
        return status
    }

    @Test func `says who is signed in, what is held, what went wrong and where to ask`() {
        var roles = [
            RoleStatus(
                name: "developer", policy: "dev", isDefault: true, state: "failing", expiration: "2026-01-01T00:00:00Z",
                nextRefresh: "2025-12-31T22:58:00Z", lastError: "The broker cannot be reached."),
            RoleStatus(name: "ro", policy: "readonly", isDefault: false, state: "idle"),
        ]
        roles[0].lastCallers = [CallerStatus(program: "Boto3/1.40", listener: "imds", at: "2025-12-31T22:57:00Z")]
        #expect(
            StatusText.of(status(.signedIn, roles: roles), width: nil) == """
                Signed in as alice at https://idp.example.

                ROLE                 STATE    EXPIRES IN  REFRESHES IN  LAST CALLERS
                developer (default)  failing  1h 2m       2s            Boto3/1.40
                ro                   idle     -           -             -
                developer: The broker cannot be reached.

                LISTENER  FACE  ADDRESS
                imds      imds  127.0.0.1:9911
                """)
    }

    @Test func `says what to do when nobody is signed in`() {
        #expect(
            StatusText.of(status(.signInRequired), width: nil).hasPrefix("Nobody is signed in; run: stsbroker login\n"))
    }

    @Test func `says when it is locked, and when the sign-in ends soon`() {
        var status = status(.signedIn)
        status.isLocked = true
        status.signIn.endsSoon = "2026-01-01T00:00:00Z"
        let text = StatusText.of(status, width: 80)
        #expect(text.contains("\nThe sign-in ends at 2026-01-01T00:00:00Z; run: stsbroker login\n"))
        #expect(text.contains("\nThe daemon is locked for you; run: stsbroker unlock\n"))
    }

    @Test func `an explanation says what is held, why, and who asked`() {
        var role = RoleStatus(
            name: "admin", policy: "admin", isDefault: false, state: "approval_pending",
            nextRefresh: "2025-12-31T22:58:28Z", lastError: "Approval is pending; run: stsbroker status")
        let status = status(.signedIn, roles: [role])
        #expect(
            ExplanationText.of(role, in: status, width: nil).hasSuffix("asked by      nobody since the daemon started"))
        role.lastAttempt = "2025-12-31T22:56:58Z"
        role.lastCallers = [
            CallerStatus(program: "aws-cli/2", listener: "containers", at: "2025-12-31T22:57:55Z"),
            CallerStatus(program: "x\u{1B}y", listener: "imds", at: "2025-12-30T22:57:58Z"),
        ]
        #expect(
            ExplanationText.of(role, in: status, width: nil) == """
                ROLE          admin
                policy        admin
                state         approval_pending: somebody must approve; run: stsbroker requests
                reason        Approval is pending; run: stsbroker status
                last attempt  1m ago
                next attempt  in 30s
                asked by      aws-cli/2 at containers, 3s ago
                              x\u{FFFD}y at imds, 1d ago
                """)
    }

    @Test(arguments: [
        (0.0, "0s"), (-5, "0s"), (59.9, "59s"), (60, "1m"), (61, "1m 1s"), (3600, "1h"), (93_784, "1d 2h"),
        (.infinity, "11574d 1h"),
    ])
    func `lengths of time are told in two units`(seconds: Double, text: String) {
        #expect(TimeText.rough(seconds) == text)
    }
}
