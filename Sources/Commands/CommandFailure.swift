import ArgumentParser
import BrokerAPI
import DaemonAPI
import HTTPExchange
import OIDC
import StrictYAML

/// Exit statuses that scripts may rely on.
enum CommandFailure {
    static let failed = ExitCode(1)
    static let wrongArguments = ExitCode(2)
    static let signInRequired = ExitCode(3)
    static let approvalPending = ExitCode(4)
    static let denied = ExitCode(5)
    static let unreachable = ExitCode(6)

    /// Whether errors are told as ``ErrorAnswer``, for a program that asked for JSON.
    @TaskLocal static var isToldAsJSON = false

    /// Says on standard error what went wrong, and returns the exit status for it.
    static func reported(_ error: any Error) -> any Error {
        guard let told = told(error) else { return error }
        tell(isToldAsJSON ? ErrorAnswer(told.message, told.code).text : told.message)
        return told.code
    }

    /// What is said of an error of ours; `nil` for any other.
    static func told(_ error: any Error) -> (message: String, code: ExitCode)? {
        switch error {
        case let error as Obstacle: (error.message, error.code)
        case let error as DaemonClientError: (error.description, exitCode(of: error))
        case let error as BrokerClientError: (error.description, exitCode(of: error))
        case let error as SignInError: ("Error: \(error)", exitCode(of: error))
        case let error as TableFault: ("Error: \(error.message)", wrongArguments)
        case let error as ConfigurationFault: ("Error: \(error.message)", failed)
        case let error as InvalidYAML: ("Error: \(error.description)", failed)
        case let error as RoleUnavailable: ("Error: \(error.message)", failed)
        case let error as RoleRefusal: (Excerpt.line(error.message), exitCode(of: error))
        case let error as FileFailure: ("Error: \(error.path) \(error.what).", failed)
        case let error as ProgramFailure:
            ("Error: \(Excerpt.quoted(error.program)) can't be run: \(error.reason)", error.exitCode)
        default: nil
        }
    }

    /// A message without the word that it may begin with.
    static func sentence(_ message: String) -> String {
        let label = "Error: "
        return message.hasPrefix(label) ? String(message.dropFirst(label.count)) : message
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

/// What keeps a verb from doing its work, in the words that people see.
struct Obstacle: Error, Equatable {
    let message: String
    let code: ExitCode

    init(_ message: String, code: ExitCode = CommandFailure.failed) {
        self.message = message
        self.code = code
    }
}

/// An error for programs, on one line.
struct ErrorAnswer: Encodable {
    /// One sentence.
    let error: String
    let exitStatus: Int32

    init(_ message: String, _ code: ExitCode) {
        error = CommandFailure.sentence(message)
        exitStatus = code.rawValue
    }

    var text: String { (try? JSONText.line(self)) ?? "{}" }

    enum CodingKeys: String, CodingKey {
        case error
        case exitStatus = "exit_status"
    }
}
