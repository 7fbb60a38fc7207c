package import FoundationEssentials

/// One place where the broker's own AWS key may come from.
package protocol AWSKeySource: Sendable {
    /// What the configuration and logs call it.
    var name: String { get }

    /// The key that is there now; `nil` if nothing here is set up, so that another source is asked.
    ///
    /// Fails with ``AWSError/misconfigured(_:)`` if what is set up can't work before somebody mends it, otherwise with what may
    /// pass.
    func key() async throws(AWSError) -> OwnKey?
}

/// A key of the broker's own, with what its source knows about it.
package struct OwnKey: Sendable {
    package let accessKey: AWSAccessKey
    /// When it ends; `nil` if it doesn't, or the source doesn't say.
    package let expiration: Date?
    /// Whether it is a role's, so that AWS caps what it assumes at one hour; `nil` where only STS knows.
    package let belongsToRole: Bool?

    package init(_ accessKey: AWSAccessKey, expiration: Date? = nil, belongsToRole: Bool? = nil) {
        self.accessKey = accessKey
        self.expiration = expiration
        // Only temporary keys can be a role's (IAM User Guide, "Compare AWS STS credentials").
        self.belongsToRole = accessKey.sessionToken == nil ? false : belongsToRole
    }
}

/// Asks sources in order; the first that is set up counts, also if it fails: what comes after it may be somebody else.
package struct AWSKeyChain: AWSKeySource {
    private let sources: [any AWSKeySource]
    private let isRequired: Bool

    /// - Parameter isRequired: whether it is a mistake that no source is set up.
    package init(_ sources: [any AWSKeySource], isRequired: Bool = false) {
        self.sources = sources
        self.isRequired = isRequired
    }

    package var name: String { sources.map(\.name).joined(separator: ", ") }

    package func key() async throws(AWSError) -> OwnKey? {
        for source in sources {
            if let key = try await source.key() { return key }
        }
        guard !isRequired else { throw .misconfigured("aws.credentials is \(name), of which nothing is set up") }
        return nil
    }
}
