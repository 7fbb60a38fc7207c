import AWSAPI
import Broker
import Credentials
import Foundation
import Synchronization

/// Issues made-up credentials and remembers what it was asked for.
final class FakeSTS: RoleAssuming {
    static let secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETKEY"
    static let sessionToken = "FwoGZXIvYXdzEJr//////////wEaSESSIONTOKEN"

    static let tooLong = AWSError.refused(
        code: "ValidationError", status: 400,
        message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")

    private struct State {
        var calls: [AssumeRoleInput] = []
        var failure: AWSError?
        var meanwhile: (@Sendable () async -> Void)?
        var takesExternalID = true
        var longest = Int.max
    }

    private let state = Mutex(State())

    var calls: [AssumeRoleInput] { state.withLock(\.calls) }

    var takesExternalID: Bool { state.withLock(\.takesExternalID) }

    /// As where the broker issues web identities.
    func takeNoExternalID() { state.withLock { $0.takesExternalID = false } }

    func fail(with error: AWSError) { state.withLock { $0.failure = error } }

    /// Takes no call for a longer session, as AWS doesn't where it is over the role's MaxSessionDuration.
    func refuse(over seconds: Int) { state.withLock { $0.longest = seconds } }

    /// Runs while a call is under way.
    func onCall(_ action: @escaping @Sendable () async -> Void) { state.withLock { $0.meanwhile = action } }

    func assumeRole(_ input: AssumeRoleInput, for purpose: SessionPurpose) async throws(AWSError) -> SessionCredentials
    {
        let (number, failure, meanwhile, longest) = state.withLock { state in
            state.calls.append(input)
            return (state.calls.count, state.failure, state.meanwhile, state.longest)
        }
        await meanwhile?()
        if let failure { throw failure }
        guard input.durationSeconds <= longest else { throw Self.tooLong }
        let issued = Date(timeIntervalSince1970: 1_800_000_000)
        return SessionCredentials(
            accessKeyID: "ASIAEXAMPLE\(number)", secretAccessKey: Secret(Self.secretKey),
            sessionToken: Secret(Self.sessionToken),
            expiration: issued.addingTimeInterval(Double(input.durationSeconds)), issuedAt: issued,
            roleARN: input.roleARN)
    }
}
