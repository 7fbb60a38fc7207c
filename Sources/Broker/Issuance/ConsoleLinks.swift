package import AWSAPI
package import Credentials
package import FoundationEssentials
package import Logging

/// Makes a sign-in link for the AWS console: AWS's federation endpoint, or a test's stand-in for it.
package protocol ConsoleSigningIn: Sendable {
    /// Whether a link may lead there.
    func accepts(destination: String) -> Bool

    func link(
        for credentials: SessionCredentials, seconds: Int?, destination: String?
    ) async throws(ConsoleSignInFailure) -> Secret
}

extension ConsoleSignIn: ConsoleSigningIn {}

/// Links to the AWS console for credentials that were just minted. A link is as secret as they are, and neither logged nor kept.
package struct ConsoleLinks: Sendable {
    private let signIn: any ConsoleSigningIn
    /// Whether AWS takes no `SessionDuration`, as with credentials that were had by role chaining.
    private let omitsDuration: @Sendable () async -> Bool
    private let logger: Logger
    private let now: @Sendable () -> Date

    package init(
        signIn: any ConsoleSigningIn, omitsDuration: @escaping @Sendable () async -> Bool, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.signIn = signIn
        self.omitsDuration = omitsDuration
        self.logger = logger
        self.now = now
    }

    /// Fails if no link may lead there; before anything is minted for it.
    func check(_ destination: String?) throws(ConsoleSignInFailure) {
        if let destination, !signIn.accepts(destination: destination) { throw .foreignDestination }
    }

    /// The console stays signed in as long as the credentials are good, and no longer.
    func link(
        for credentials: SessionCredentials, destination: String? = nil
    ) async throws(ConsoleSignInFailure) -> Secret {
        let left = credentials.expiration.timeIntervalSince(now()).rounded(.down)
        let seconds = await omitsDuration() ? nil : Int(exactly: left).map { min(max($0, 900), 43_200) }
        do throws(ConsoleSignInFailure) {
            return try await signIn.link(for: credentials, seconds: seconds, destination: destination)
        } catch {
            logger.error("no console link", metadata: ["error": "\(error)"])
            throw error
        }
    }
}
