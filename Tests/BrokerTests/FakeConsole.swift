import AWSAPI
import Broker
import Credentials
import Synchronization

/// Makes links without a console behind them, and remembers for what.
final class FakeConsole: ConsoleSigningIn {
    static let link = "https://signin.example/federation?Action=login&SigninToken=SIGNINSECRET"

    struct Call: Equatable, Sendable {
        let accessKeyID: String
        let seconds: Int?
        let destination: String?
    }

    private let state = Mutex<(calls: [Call], failure: ConsoleSignInFailure?)>(([], nil))

    var calls: [Call] { state.withLock(\.calls) }

    func fail(with failure: ConsoleSignInFailure) { state.withLock { $0.failure = failure } }

    func accepts(destination: String) -> Bool { destination.hasPrefix("https://console.aws.amazon.com/") }

    func link(
        for credentials: SessionCredentials, seconds: Int?, destination: String?
    ) async throws(ConsoleSignInFailure) -> Secret {
        let failure = state.withLock { state in
            state.calls.append(Call(accessKeyID: credentials.accessKeyID, seconds: seconds, destination: destination))
            return state.failure
        }
        if let failure { throw failure }
        return Secret(Self.link)
    }
}
