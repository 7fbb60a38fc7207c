import ArgumentParser
import BrokerAPI
import DaemonAPI
import OIDC
import Testing

@testable import Commands

@Suite struct ErrorTextTests {
    private static let failures: [any Error & Sendable] = [
        DaemonClientError.unreachable(socketPath: "/run/stsbrokerd/control.sock", reason: "connection refused"),
        DaemonClientError.refused(
            DaemonError(code: "SignInRequired", message: "Nobody is signed in; run: stsbroker login")),
        DaemonClientError.unusableAnswer,
        BrokerClientError.signInRequired("The ID token has expired; sign in again."),
        BrokerClientError.unavailable("it answered with status 503", retryAfter: nil),
        BrokerClientError.unreachable("it did not answer within 30 seconds", retryAfter: nil),
        BrokerClientError.unusableAnswer("it answered with status 200"),
        BrokerClientError.approvalNeeded(ApprovalNeeded(requestID: "1", message: "Request 1 waits for approval.")),
        BrokerClientError.refused(
            ProblemDetails(status: 403, code: .accessDenied, title: "t", detail: "No team of yours may request it.")),
        SignInError.signInRequired, SignInError.denied("access_denied"), SignInError.refused("invalid_client"),
        SignInError.unavailable("no answer"), SignInError.invalidAnswer("it is not JSON"),
        SignInError.foreignAnswer("the redirect comes from another issuer"), SignInError.stateMismatch,
        SignInError.timedOut, SignInError.cannotListen("address in use"),
        RoleUnavailable(message: "No role \"x\" is offered to you; run: stsbroker status"),
        RoleRefusal(code: "ApprovalPending", message: "Approval is pending; run: stsbroker status"),
        FileFailure(path: "/home/ana/.aws/config", what: "can't be written: Permission denied"),
        ProgramFailure(program: "kubectx", reason: "No such file or directory", isMissing: true),
        ProgramFailure(program: "/etc/passwd", reason: "Permission denied", isMissing: false),
        TableFault(message: "There is no column x; there are policy, risk."),
        ConfigurationFault(message: "The broker's URL is needed."),
    ]

    @Test func `each error, with its exit status`() throws {
        let lines = Self.failures.map { error in
            let told = CommandFailure.told(error)
            return "\(told?.code.rawValue ?? -1)  \(told?.message ?? "nothing")"
        }
        try Snapshot.compare(lines.joined(separator: "\n"), with: "errors.txt")
    }
}
