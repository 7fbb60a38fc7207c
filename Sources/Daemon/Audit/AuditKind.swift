import CallerIdentity
import CredentialCache
import HTTPExchange
import MetadataServer

/// What makes two hand-outs the same for the audit: who, with which program, got what. Not what the program calls itself beyond
/// its family, and not its number, so that no caller can make every request the first of its kind.
struct AuditKind: Hashable, Sendable {
    let listener: String
    let face: ListenerFace
    /// `nil` if nobody knows.
    let origin: CallerOrigin?
    let executable: String?
    let controlGroup: String?
    let sdk: SDKFamily
    /// `nil` if the request did not get so far.
    let key: CredentialKey?
    /// The last four characters of the access key id that was handed out.
    let accessKeySuffix: String?
    /// `issued`, or the stable code of what stood in the way.
    let outcome: String
    /// Why the caller was turned away, if that is it.
    let denial: DenialReason?

    static let issued = "issued"

    /// `nil` for what is neither a hand-out nor the refusal of one.
    init?(_ outcome: RequestOutcome, of connection: ObservedConnection, sdk: SDKFamily) {
        switch outcome {
        case .told: return nil
        case .handedOut(let key, let credentials):
            (self.key, accessKeySuffix, self.outcome, denial) = (key, credentials.accessKeySuffix, Self.issued, nil)
        case .failed(let failure):
            guard failure.key != nil || failure.denial != nil else { return nil }
            (key, accessKeySuffix, self.outcome, denial) = (failure.key, nil, failure.code, failure.denial)
        }
        listener = connection.listener
        face = connection.face
        origin = connection.caller.origin
        executable = connection.caller.noted?.executable
        controlGroup = connection.caller.noted?.controlGroup
        self.sdk = sdk
    }
}

/// One kind within its window, and how often it came again. Counting takes no lock.
final class AuditTally: Sendable {
    let kind: AuditKind
    /// The first of the kind.
    let record: AuditRecord
    private let repeats: AuditRepeats

    init(_ record: AuditRecord) {
        kind = record.kind
        self.record = record
        repeats = AuditRepeats()
    }

    /// `false` if the window is over: then it is the first of its kind again.
    func countRepeat() -> Bool { repeats.add() }

    /// How often it came again since the last call; 0 ends the window.
    func take() -> Int { repeats.take() }
}
