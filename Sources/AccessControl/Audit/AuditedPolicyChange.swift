/// A policy or a team appeared, changed or went away; or the policies are governed from elsewhere.
package struct AuditedPolicyChange: Codable, Sendable, Equatable {
    /// `catalog` is all of them; its id is `managed_by`, and its versions are `file` and `api`.
    package enum Subject: String, Codable, Sendable { case policy, team, catalog }
    package enum Change: String, Codable, Sendable { case added, changed, removed }

    package var subject: Subject
    package var id: String
    package var change: Change
    package var previousVersion: String?
    package var version: String?
    /// `nil` in records of brokers that didn't know it.
    package var author: ChangeAuthor?
    /// Of a change that came together with others.
    package var batch: Batch?

    /// All changes of a batch count, or none: they do if the one whose number is ``count`` is in the trail.
    package struct Batch: Codable, Sendable, Equatable {
        package var generation: Int64
        /// 1, 2, 3, …
        package var number: Int
        package var count: Int

        package init(generation: Int64, number: Int, count: Int) {
            self.generation = generation
            self.number = number
            self.count = count
        }
    }

    package init(
        subject: Subject, id: String, change: Change, previousVersion: String? = nil, version: String? = nil,
        author: ChangeAuthor? = nil, batch: Batch? = nil
    ) {
        self.subject = subject
        self.id = id
        self.change = change
        self.previousVersion = previousVersion
        self.version = version
        self.author = author
        self.batch = batch
    }
}

/// Who changed a policy or a team.
package struct ChangeAuthor: Codable, Sendable, Equatable {
    /// The file or directory that was read; `nil` if it was a person.
    package let file: String?
    /// The person; `nil` if it was a file.
    package let principal: PrincipalID?
    package let userName: String?
    /// `nil` if nothing is known of it.
    package let source: RequestSource?

    /// A file was read anew.
    package static func file(_ path: String) -> ChangeAuthor {
        ChangeAuthor(file: path, principal: nil, userName: nil, source: nil)
    }

    /// An administrator did it through the API.
    package static func administrator(_ principal: Principal) -> ChangeAuthor {
        ChangeAuthor(
            file: nil, principal: principal.id, userName: principal.userName, source: principal.source.known)
    }

    private init(file: String?, principal: PrincipalID?, userName: String?, source: RequestSource?) {
        self.file = file
        self.principal = principal
        self.userName = userName
        self.source = source
    }
}
