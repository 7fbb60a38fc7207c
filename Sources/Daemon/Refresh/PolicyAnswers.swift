import CredentialCache
import FoundationEssentials

/// About whom the broker was asked, and when it answered: a value without a lock of its own; ``PolicyLists`` guards it by one.
struct PolicyAnswers: Sendable {
    /// When the broker answered last.
    private var answered: [Principal: Date] = [:]
    /// Rises with each sign-in, sign-out and question: the answer to an earlier one is nobody's.
    private var generations: [Principal: Int] = [:]
    /// Of whom the log says already that the broker can't be asked.
    private var failing: Set<Principal> = []

    /// `nil` if there is none, or if it counts no longer.
    func date(of principal: Principal) -> Date? { answered[principal] }

    /// Returns the question's number, by which its answer is known.
    mutating func ask(about principal: Principal) -> Int {
        generations[principal, default: 0] += 1
        return generations[principal, default: 0]
    }

    /// `false` if the answer is nobody's.
    mutating func accept(answerTo question: Int, about principal: Principal, at now: Date) -> Bool {
        guard generations[principal] == question else { return false }
        answered[principal] = now
        failing.remove(principal)
        return true
    }

    /// The last answer counts no longer. That to a question which is under way will.
    mutating func expire(_ principal: Principal) {
        answered[principal] = nil
    }

    /// The last answer counts no longer, nor will that to a question which is under way.
    mutating func forget(_ principal: Principal) {
        answered[principal] = nil
        generations[principal, default: 0] += 1
    }

    /// Returns whether that is news for the log.
    mutating func fail(about principal: Principal) -> Bool { failing.insert(principal).inserted }
}
