/// What the company's own program says to a request, where the broker is set up to ask one.
package enum ExternalEvaluation: Sendable, Hashable {
    /// No person need approve.
    case automatic
    /// A person must.
    case manual
    /// It gave no answer that could be used: a person must.
    case unanswered
    /// It wasn't asked, since another rule forbids what it could allow.
    case notAsked
}
