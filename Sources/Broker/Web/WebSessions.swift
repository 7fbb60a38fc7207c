import AccessControl
import Credentials
import FoundationEssentials
import Synchronization

/// Who is signed in to the pages, in memory: after a restart of the broker people sign in again.
package final class WebSessions: Sendable {
    static let mostSessions = 10_000
    static let mostOfOnePrincipal = 10
    /// So many forms can be sent in one session; whoever needs more signs in again.
    static let mostForms = 1_000

    private struct Session {
        let idToken: Secret
        let principal: PrincipalID
        let beganAt: Date
        let endsAt: Date
        var usedForms: Set<String> = []
    }

    private let sessions = Mutex<[WebSessionID: Session]>([:])

    package init() {}

    /// A session with a new key, which is the cookie's value.
    func begin(with idToken: Secret, of principal: PrincipalID, until end: Date, at now: Date) -> String {
        let key = RandomText.base64URL(bytes: 32)
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.endsAt > now }
            let own = sessions.filter { $0.value.principal == principal }
            if own.count >= Self.mostOfOnePrincipal { Self.removeOldest(of: own, from: &sessions) }
            if sessions.count >= Self.mostSessions { Self.removeOldest(of: sessions, from: &sessions) }
            sessions[WebSessionID(ofKey: key)] = Session(
                idToken: idToken, principal: principal, beganAt: now, endsAt: end)
        }
        return key
    }

    /// The ID token that the session was begun with; `nil` if there is none, or it is over.
    func idToken(of id: WebSessionID, at now: Date) -> Secret? {
        sessions.withLock { $0[id].flatMap { $0.endsAt > now ? $0.idToken : nil } }
    }

    func end(_ id: WebSessionID) {
        sessions.withLock { $0[id] = nil }
    }

    /// Whether the form is sent for the first time. Each is good once.
    func use(form nonce: String, in id: WebSessionID) -> Bool {
        sessions.withLock { sessions in
            guard let used = sessions[id]?.usedForms.count, used < Self.mostForms else { return false }
            return sessions[id]?.usedForms.insert(nonce).inserted ?? false
        }
    }

    private static func removeOldest(of some: [WebSessionID: Session], from all: inout [WebSessionID: Session]) {
        if let oldest = some.min(by: { $0.value.beganAt < $1.value.beganAt })?.key { all[oldest] = nil }
    }
}
