import CredentialCache
import FoundationEssentials
import Logging
import MetadataServer
import OIDC
import ServiceLifecycle

/// Notices a new token in the workload's file, so that what failed for want of one is tried again at once, and that nothing of
/// another identity is served. Says in the log, once for each change, who the daemon acts for, or why it can't.
struct WorkloadTokenWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    let token: WorkloadToken
    let cache: CredentialCache
    let clock: Sleeper
    let logger: Logger
    let now: @Sendable () -> Date
    /// Called when the token is somebody else's.
    var onOther: @Sendable () -> Void = {}

    func run() async {
        await cancelWhenGracefulShutdown {
            var known = look(State())
            while (try? await clock.sleep(for: FileChange.pause)) != nil { known = look(known) }
        }
    }

    /// What the last look found.
    struct State {
        var fingerprint: FileFingerprint?
        var subject: String?
        var problem: String?
    }

    /// A file that changed is taken as it is: an unusable one is looked at again.
    private func look(_ last: State) -> State {
        var state = State(fingerprint: FileFingerprint(path: token.path), subject: last.subject)
        do throws(SignInError) {
            let session = try token.session(now: now())
            guard state.fingerprint != last.fingerprint || last.problem != nil else { return state }
            state.subject = session.subject
            adopt(session, after: last)
        } catch {
            state.problem = "\(error)"
            if state.problem != last.problem {
                logger.error("workload token unusable", metadata: ["reason": "\(error)"])
            }
        }
        return state
    }

    /// A token that merely replaces another one of the same subject is no reason to fetch anything.
    private func adopt(_ session: SignInSession, after last: State) {
        let isOther = last.subject != nil && last.subject != session.subject
        if isOther { onOther() }
        if isOther || last.problem != nil { cache.principalChanged(token.principal, dropping: isOther, now: now()) }
        logger.info(
            "workload token read",
            metadata: ["subject": "\(session.displayName)", "expiration": "\(session.expiration)"])
    }
}
