package import CallerIdentity
import CredentialCache
package import FoundationEssentials
import Synchronization

/// The request path: from (request, caller, what the cache holds, now) to an answer. No I/O, no waiting, no lock held.
///
/// The steps are those of the design, in order: is it clean, who is it, what may they, what did they ask for. What they may,
/// and what the instance tells, can be replaced while it serves.
package final class MetadataService: Sendable {
    /// A class, because each request takes a copy.
    private final class Replaceable: Sendable {
        let rules: CallerRules
        let facts: InstanceFacts
        let instanceMetadata: InstanceMetadataFace

        init(rules: CallerRules, facts: InstanceFacts, instanceMetadata: InstanceMetadataFace) {
            self.rules = rules
            self.facts = facts
            self.instanceMetadata = instanceMetadata
        }
    }

    private let replaceable: Mutex<Replaceable>
    private let containerCredentials: ContainerCredentialsFace
    private let roleChoices: RoleChoices
    let source: any CredentialSource

    /// - Parameters:
    ///   - facts: what the pretended instance tells about itself.
    ///   - startedAt: the modification time of everything that does not change.
    package init(
        source: any CredentialSource, rules: CallerRules, callers: CallerState, facts: InstanceFacts,
        startedAt: Date
    ) {
        self.source = source
        let shelf = CredentialShelf(source: source)
        replaceable = Mutex(
            Replaceable(
                rules: rules, facts: facts,
                instanceMetadata: InstanceMetadataFace(
                    shelf: shelf, tree: MetadataTree(facts, startedAt: startedAt),
                    recentCallers: callers.recentCallers)))
        containerCredentials = ContainerCredentialsFace(shelf: shelf, callers: callers)
        roleChoices = callers.roleChoices
    }

    /// From the next request on, also of connections that are open. Session tokens stay good.
    package func replace(rules: CallerRules, facts: InstanceFacts, at now: Date) {
        replaceable.withLock { current in
            var instanceMetadata = current.instanceMetadata
            if facts != current.facts { instanceMetadata.tree = MetadataTree(facts, startedAt: now) }
            current = Replaceable(rules: rules, facts: facts, instanceMetadata: instanceMetadata)
        }
    }

    /// What the rules want to know of a caller who has just connected to the listener with that name.
    func detail(for caller: Result<Caller, UnknownCaller>, listener: String) -> CallerDetail {
        guard case .success(let caller) = caller else { return [] }
        return replaceable.withLock { $0.rules }.detail(for: caller, listener: listener)
    }

    /// To whom a connection is counted: to a local user, or to an address that a rule is about. All others, of whom there may
    /// be any number, are nobody.
    func accountable(_ caller: Result<Caller, UnknownCaller>, listener: String) -> CallerOrigin? {
        let origin = caller.origin
        guard case .address(let address) = origin else { return origin }
        return replaceable.withLock { $0.rules }.permission(for: address, listener: listener).map { _ in
            .address(address)
        }
    }

    /// What to do with `request`.
    ///
    /// - Parameter isFinal: the caller has waited already: answer, whatever the cache holds. Then the answer is never
    ///   ``Answer/awaitCredentials(_:)``.
    package func answer(
        _ request: MetadataRequest, from caller: Result<Caller, UnknownCaller>, at listener: ListenerContext, now: Date,
        isFinal: Bool = false
    ) -> Answer {
        do throws(MetadataError) {
            if let fault = RequestHygiene.fault(of: request, at: listener) { throw fault }
            let current = replaceable.withLock { $0 }
            let (origin, permission) = try permission(for: caller, at: listener, by: current.rules)
            let question = Question(
                request: request, origin: origin, permission: permission, listener: listener, now: now,
                isFinal: isFinal)
            switch listener.face {
            case .instanceMetadata: return try current.instanceMetadata.answer(question)
            case .containerCredentials: return try containerCredentials.answer(question)
            }
        } catch {
            return .respond(response(to: error, at: listener, now: now))
        }
    }

    /// How `error` is said at `listener`.
    func response(to error: MetadataError, at listener: ListenerContext, now: Date) -> MetadataResponse {
        var response =
            switch listener.face {
            case .instanceMetadata: InstanceMetadataFace.response(to: error, now: now)
            case .containerCredentials: ContainerCredentialsFace.response(to: error)
            }
        response.note = error.note
        response.outcome = .failed(RequestFailure(error))
        return response
    }

    private func permission(
        for caller: Result<Caller, UnknownCaller>, at listener: ListenerContext, by rules: CallerRules
    ) throws(MetadataError) -> (CallerOrigin, CallerPermission) {
        switch caller {
        case .failure(.notThisMachine(let address)):
            guard let permission = rules.permission(for: address, listener: listener.name) else {
                throw .callerUnknown(.notThisMachine(address))
            }
            return (.address(address), permission)
        case .failure(let reason): throw .callerUnknown(reason)
        case .success(let caller):
            guard rules.knowEnough(of: caller, listener: listener.name) else { throw .callerUnknown(.notObserved) }
            guard let permission = rules.permission(for: caller, listener: listener.name) else {
                throw .callerNotAllowed
            }
            return (.user(caller.userID), permission.preferring(roleChoices.role(ofUser: caller.userID)))
        }
    }
}

/// A clean request of a caller that a rule allows.
struct Question {
    let request: MetadataRequest
    let origin: CallerOrigin
    let permission: CallerPermission
    let listener: ListenerContext
    let now: Date
    let isFinal: Bool
}

extension MetadataError {
    fileprivate var note: MetadataResponse.Note? {
        switch self {
        case .pathNotFound, .roleNotFound, .noDefaultRole: .pathNotFound
        case .callerUnknown(let reason): .callerRefused(reason.description)
        case .callerNotAllowed: .callerRefused("no rule matches the caller")
        case .tooManyConnections: .callerRefused("the user has too many connections")
        case .tooManyRequests: .callerRefused("the user asks too often")
        case .foreignHost: .callerRefused("the host header is foreign")
        case .forwarded: .callerRefused("a proxy has forwarded the request")
        case .fromBrowser: .callerRefused("a browser has sent the request")
        default: nil
        }
    }

    /// Seconds for `Retry-After`, for the errors that time may heal. RFC 9110 §10.2.3 wants whole ones.
    var retryAfter: Int? {
        switch self {
        case .stillFetching, .tooManyConnections, .tooManyRequests, .callerUnknown(.notObserved): return 1
        case .noCredentials(.accessDenied, _), .noCredentials(.requestRefused, _), .noCredentials(.roleNotFound, _):
            return nil
        case .noCredentials(.approvalPending, let delay): return Self.seconds(delay, default: 10)
        case .noCredentials(.signInRequired, let delay): return Self.seconds(delay, default: 30)
        case .noCredentials(_, let delay): return Self.seconds(delay, default: 2)
        default: return nil
        }
    }

    private static func seconds(_ delay: Duration?, default seconds: Int) -> Int {
        guard let delay else { return seconds }
        let (whole, fraction) = delay.components
        return Int(min(max(whole, 0), 3600)) + (fraction > 0 || whole <= 0 ? 1 : 0)
    }
}
