import ArgumentParser
import BrokerAPI
import DaemonAPI
import OIDC
import Testing

@testable import Commands

@Suite struct CommandFailureTests {
    private static let failures: [(any Error & Sendable, Int32)] = [
        (DaemonClientError.unreachable(socketPath: "/s", reason: "r"), 6),
        (DaemonClientError.refused(DaemonError(code: "SignInRequired", message: "m")), 3),
        (DaemonClientError.refused(DaemonError(code: "CallerNotAllowed", message: "m")), 5),
        (DaemonClientError.refused(DaemonError(code: "Other", message: "m")), 1),
        (DaemonClientError.unusableAnswer, 1),
        (BrokerClientError.signInRequired("r"), 3), (BrokerClientError.unavailable("r", retryAfter: nil), 6),
        (BrokerClientError.unreachable("r", retryAfter: nil), 6),
        (BrokerClientError.unusableAnswer("r"), 6),
        (BrokerClientError.refused(ProblemDetails(status: 403, code: .accessDenied, title: "t", detail: "d")), 5),
        (BrokerClientError.approvalNeeded(ApprovalNeeded(requestID: "1", message: "m")), 4),
        (SignInError.signInRequired, 3), (SignInError.timedOut, 3), (SignInError.denied("r"), 5),
        (SignInError.unavailable("r"), 6), (SignInError.refused("r"), 1), (SignInError.cannotListen("r"), 1),
    ]

    @Test(arguments: failures)
    func `each failure has the documented exit status`(error: any Error & Sendable, status: Int32) {
        #expect((CommandFailure.reported(error) as? ExitCode)?.rawValue == status)
    }

    @Test func `other errors stay as they are`() {
        #expect(CommandFailure.reported(CancellationError()) is CancellationError)
    }

    @Test func `as JSON, an error is one sentence and the exit status`() {
        let texts = [RoleUnavailable(message: "No role \"x\"."), SignInError.timedOut as any Error].compactMap {
            CommandFailure.told($0).map { ErrorAnswer($0.message, $0.code).text }
        }
        #expect(
            texts == [
                #"{"error":"No role \"x\".","exit_status":1}"#,
                #"{"error":"nobody finished the sign-in in time; run: stsbroker login","exit_status":3}"#,
            ])
    }
}
