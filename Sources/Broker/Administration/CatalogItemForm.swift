import AccessControl
import BrokerStore
import Credentials
import FoundationEssentials
import PolicyFiles

/// A policy or team in the API for administrators: its content in the keys of `policies.yaml`, and where it comes from.
struct CatalogItemForm: Encodable {
    let subject: AuditedPolicyChange.Subject
    let id: String
    /// `nil` of what is gone.
    let version: String?
    let document: String?
    let revision: Int64
    let at: Date
    let author: ChangeAuthor
    /// Only in a history.
    var change: AuditedPolicyChange.Change?
    /// What is allowed, and likely to fail all the same; one sentence each.
    var warnings: [String] = []

    private enum CodingKeys: String, CodingKey {
        case policy, team, id, version, revision, change, problem, warnings
        case at = "changed_at"
        case author = "changed_by"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(version, forKey: .version)
        try container.encode(revision, forKey: .revision)
        try container.encodeIfPresent(change?.rawValue, forKey: .change)
        try container.encode(AWSTimestamp.text(at), forKey: .at)
        try container.encode(AuthorForm(author: author), forKey: .author)
        if !warnings.isEmpty { try container.encode(warnings, forKey: .warnings) }
        guard let document else { return }
        do throws(InvalidCatalog) {
            switch subject {
            case .policy:
                let policy = try AccessPolicy(document: Data(document.utf8))
                try? container.encode(PolicyForm(policy: policy), forKey: .policy)
            case .team:
                let team = try Team(document: Data(document.utf8))
                try? container.encode(team, forKey: .team)
            case .catalog: break
            }
        } catch {
            // Somebody changed the records behind the broker's back; an administrator repairs it by writing it anew.
            try container.encode("what is stored can't be used: \(error.field) \(error.problem)", forKey: .problem)
        }
    }
}

extension CatalogItemForm {
    init(_ item: CatalogItem, warnings: [String] = []) {
        self.init(
            subject: item.subject, id: item.id, version: item.version, document: item.document,
            revision: item.revision, at: item.changedAt, author: item.author, warnings: warnings)
    }

    init(_ version: CatalogVersion, of subject: AuditedPolicyChange.Subject, _ id: String) {
        self.init(
            subject: subject, id: id, version: version.version, document: version.document,
            revision: version.revision, at: version.at, author: version.author, change: version.change)
    }
}

/// `{"file": …}`, or whoever it was.
private struct AuthorForm: Encodable {
    let author: ChangeAuthor

    private enum CodingKeys: String, CodingKey {
        case file, user, issuer, subject
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(author.file, forKey: .file)
        try container.encodeIfPresent(author.userName, forKey: .user)
        try container.encodeIfPresent(author.principal?.issuer, forKey: .issuer)
        try container.encodeIfPresent(author.principal?.subject, forKey: .subject)
    }
}

/// A page of a list, or of a history.
struct CatalogPageForm: Encodable {
    let subject: AuditedPolicyChange.Subject
    let items: [CatalogItemForm]
    let isHistory: Bool
    let nextToken: PageToken?

    private enum CodingKeys: String, CodingKey {
        case policies, teams, versions
        case nextToken = "next_token"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: isHistory ? .versions : subject == .policy ? .policies : .teams)
        try container.encodeIfPresent(nextToken?.description, forKey: .nextToken)
    }
}
