package import AccessControl
package import FoundationEssentials

/// The policies and teams as those see them who govern them: with versions, authors and history.
///
/// What throws has changed nothing. `docs/store.md` says how each method is one atomic step of DynamoDB, too.
package protocol CatalogRecords: Sendable {
    /// From where the policies are governed; `nil` before anybody has said so.
    func catalogSource() async throws(StoreError) -> CatalogSource?

    /// From now on they are governed from there. Condition: they were governed from `current`.
    func setCatalogSource(
        _ source: CatalogSource, insteadOf current: CatalogSource?, by author: ChangeAuthor, at instant: Date
    ) async throws(StoreError)

    /// Puts all policies and teams of a file in the place of those that are stored, at once. What is unchanged keeps its
    /// version; each change becomes an audit event, of which those but the last may be written before the others count
    /// (``AuditedPolicyChange/Batch``). Condition: files govern them.
    func replaceCatalog(
        with catalog: PolicyCatalog, by author: ChangeAuthor, at instant: Date
    ) async throws(StoreError) -> [AuditedPolicyChange]

    /// A policy or team as it is stored; `nil` if there is none.
    func catalogItem(
        _ subject: AuditedPolicyChange.Subject, _ id: String
    ) async throws(StoreError) -> CatalogItem?

    /// At most `limit` of them whose ids come after `id`, in the order of their ids' bytes.
    func catalogItems(
        _ subject: AuditedPolicyChange.Subject, after id: String?, limit: Int
    ) async throws(StoreError) -> [CatalogItem]

    /// At most `limit` of its versions before that revision, the newest first; also of what is gone.
    func catalogHistory(
        _ subject: AuditedPolicyChange.Subject, _ id: String, before revision: Int64?, limit: Int
    ) async throws(StoreError) -> [CatalogVersion]

    /// Writes one policy or team, its history and its audit event. Conditions: the API governs them; what is stored is what
    /// the change expects; a team's policies exist; and no team names a policy that goes.
    func change(_ change: CatalogChange, at instant: Date) async throws(StoreError) -> CatalogOutcome
}

/// From where policies and teams are governed.
package enum CatalogSource: String, Sendable, Equatable {
    case file, api
}

/// A policy or team as it is stored.
package struct CatalogItem: Sendable, Equatable {
    package let subject: AuditedPolicyChange.Subject
    package let id: String
    /// The SHA-256 of the document, in hex.
    package let version: String
    package let document: String
    /// 1, 2, 3, …; one that comes again after it was removed goes on counting.
    package let revision: Int64
    package let changedAt: Date
    package let author: ChangeAuthor

    package init(
        subject: AuditedPolicyChange.Subject, id: String, version: String, document: String, revision: Int64,
        changedAt: Date, author: ChangeAuthor
    ) {
        self.subject = subject
        self.id = id
        self.version = version
        self.document = document
        self.revision = revision
        self.changedAt = changedAt
        self.author = author
    }
}

/// What a policy or team once was.
package struct CatalogVersion: Sendable, Equatable {
    package let revision: Int64
    package let at: Date
    package let change: AuditedPolicyChange.Change
    /// `nil` of a removal; so is the next.
    package let version: String?
    package let document: String?
    package let author: ChangeAuthor

    package init(
        revision: Int64, at: Date, change: AuditedPolicyChange.Change, version: String?, document: String?,
        author: ChangeAuthor
    ) {
        self.revision = revision
        self.at = at
        self.change = change
        self.version = version
        self.document = document
        self.author = author
    }
}

/// One policy or team, as somebody wants it.
package struct CatalogChange: Sendable {
    /// What must be stored for the change to happen.
    package enum Expectation: Sendable, Equatable {
        case absent
        case version(String)
    }

    package let subject: AuditedPolicyChange.Subject
    package let id: String
    /// `nil`: it goes.
    let content: StoredContent?
    /// What a team names.
    let policies: [String]
    package let expected: Expectation
    package let author: ChangeAuthor

    package init(_ policy: AccessPolicy, expected: Expectation, author: ChangeAuthor) throws(StoreError) {
        self.init(.policy, policy.id, content: try StoredContent(policy), [], expected, author)
    }

    package init(_ team: Team, expected: Expectation, author: ChangeAuthor) throws(StoreError) {
        self.init(.team, team.id, content: try StoredContent(team), team.policies, expected, author)
    }

    /// - Parameter version: what must be stored.
    package init(
        removing subject: AuditedPolicyChange.Subject, _ id: String, version: String, author: ChangeAuthor
    ) {
        self.init(subject, id, content: nil, [], .version(version), author)
    }

    private init(
        _ subject: AuditedPolicyChange.Subject, _ id: String, content: StoredContent?, _ policies: [String],
        _ expected: Expectation, _ author: ChangeAuthor
    ) {
        self.subject = subject
        self.id = id
        self.content = content
        self.policies = policies
        self.expected = expected
        self.author = author
    }
}

/// What became of a ``CatalogChange``.
package enum CatalogOutcome: Sendable, Equatable {
    /// It is in force; with what is stored now, `nil` if it is gone.
    case done(CatalogItem?)
    /// Somebody else was faster: it has that version, or `nil` if there is none.
    case otherVersion(String?)
    /// That team names the policy.
    case policyInUse(team: String)
    /// The team names it, and there is none.
    case noSuchPolicy(String)
    /// Files govern them.
    case governedByFiles
}

/// A policy or team in the form in which it is stored.
struct StoredContent: Sendable, Equatable {
    let version: String
    let document: String

    init(_ policy: AccessPolicy) throws(StoreError) {
        version = policy.version.description
        do throws(InvalidCatalog) {
            document = String(decoding: try policy.document(), as: UTF8.self)
        } catch {
            throw .unreadable(error.description)
        }
    }

    init(_ team: Team) throws(StoreError) {
        do throws(InvalidCatalog) {
            let data = try team.document()
            document = String(decoding: data, as: UTF8.self)
            version = Team.version(ofDocument: data)
        } catch {
            throw .unreadable(error.description)
        }
    }
}
