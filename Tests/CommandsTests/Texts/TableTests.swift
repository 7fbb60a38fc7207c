import ArgumentParser
import BrokerAPI
import DaemonAPI
import Testing

@testable import Commands

@Suite struct TableTests {
    @Test func `tables in a terminal of 80 columns`() throws {
        var admin = RoleStatus(
            name: "administrator-of-production", policy: "admin", isDefault: false, state: "approval_pending",
            nextRefresh: "2026-01-01T00:00:30Z", lastError: "Approval is pending; run: stsbroker status")
        admin.lastCallers = [
            CallerStatus(
                program: "aws-cli/2.31.0 md/awscrt#0.27.6", listener: "containers", at: "2026-01-01T00:00:00Z"),
            CallerStatus(program: "Boto3/1.40.1", listener: "imds", at: "2025-12-31T23:00:00Z"),
        ]
        var status = DaemonStatus(
            version: "1", brokerURL: "https://broker.example",
            provider: ProviderStatus(issuer: "https://login.example", clientID: "c", scopes: []),
            signIn: SignInStatus(state: .signedIn, subject: "ana@example.com"),
            listeners: [
                ListenerStatus(name: "imds", face: "imds", address: "127.0.0.1:9911"),
                ListenerStatus(name: "containers", face: "container", address: "127.0.0.1:9912", tokenFile: "/t"),
            ],
            roles: [
                RoleStatus(
                    name: "developer", policy: "dev", isDefault: true, state: "fresh",
                    expiration: "2026-01-01T00:59:59Z",
                    nextRefresh: "2026-01-01T00:39:00Z"), admin,
            ])
        status.now = "2026-01-01T00:00:00Z"
        let policies = PolicyList(
            policies: ["developer", "administrator"].map {
                PolicySummary(
                    id: $0, description: "What a \($0) of the shop needs to build, test and deploy it",
                    account: "111122223333",
                    risk: $0.count * 3, maximumDurationSeconds: 3600)
            })
        let texts = [
            StatusText.of(status, width: 80), ExplanationText.of(admin, in: status, width: 80),
            try PoliciesCommand.text(policies, .parse([]), width: 80),
            try PoliciesCommand.text(policies, .parse(["--extended", "--output", "yaml"]), width: 80),
        ]
        for text in texts.prefix(3) {
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
        try Snapshot.compare(texts.joined(separator: "\n\n"), with: "tables.txt")
    }
}
