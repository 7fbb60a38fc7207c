import ArgumentParser
import BrokerAPI
import DaemonAPI
import HTTPExchange
import OIDC

/// Exit statuses that scripts may rely on.
enum CommandFailure {
    static let failed = ExitCode(1)
    static let wrongArguments = ExitCode(2)
    static let signInRequired = ExitCode(3)
    static let approvalPending = ExitCode(4)
    static let denied = ExitCode(5)
    static let unreachable = ExitCode(6)

    /// Says on standard error what went wrong, and returns the exit status for it.
    static func reported(_ error: any Error) -> any Error {
        switch error {
        case let error as DaemonClientError: report(error.description, exitCode(of: error))
        case let error as BrokerClientError: report(error.description, exitCode(of: error))
        case let error as SignInError: report("Error: \(error)", exitCode(of: error))
        case let error as RoleUnavailable: report("Error: \(error.message)", failed)
        case let error as RoleRefusal: report(Excerpt.line(error.message), exitCode(of: error))
        case let error as FileFailure: report("Error: \(error.path) \(error.what).", failed)
        default: error
        }
    }

    private static func report(_ message: String, _ code: ExitCode) -> ExitCode {
        tell(message)
        return code
    }

    private static func exitCode(of error: DaemonClientError) -> ExitCode {
        switch error {
        case .unreachable: unreachable
        case .refused(let refusal) where refusal.code == "SignInRequired": signInRequired
        case .refused(let refusal) where refusal.code == "CallerNotAllowed": denied
        case .refused, .unusableAnswer: failed
        }
    }

    private static func exitCode(of error: BrokerClientError) -> ExitCode {
        switch error {
        case .signInRequired: signInRequired
        case .refused(let problem) where [403, 404].contains(problem.status): denied
        case .refused: failed
        case .unavailable, .unreachable, .unusableAnswer: unreachable
        case .approvalNeeded: approvalPending
        }
    }

    private static func exitCode(of error: RoleRefusal) -> ExitCode {
        switch error.code {
        case "SignInRequired": signInRequired
        case "ApprovalPending": approvalPending
        case "AccessDenied", "CallerNotAllowed", "RoleNotFound": denied
        case "BrokerUnreachable", "CredentialsExpired", "Unreachable": unreachable
        default: failed
        }
    }

    private static func exitCode(of error: SignInError) -> ExitCode {
        switch error {
        case .signInRequired, .timedOut: signInRequired
        case .denied: denied
        case .unavailable: unreachable
        default: failed
        }
    }
}
