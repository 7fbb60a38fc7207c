import FoundationEssentials

/// That the person signed in with several factors, and not too long ago.
package struct MFARequirement: Codable, Sendable, Hashable {
    /// The longest time since the sign-in, in seconds; `nil` for any.
    package let withinSeconds: Int?
    /// Any of these methods will do (RFC 8176, `amr`).
    package let methods: [String]
    /// So will any of these classes (OpenID Connect Core, `acr`); which of them mean several factors, only the provider's
    /// operator knows.
    package let classes: [String]

    /// RFC 8176: several factors, whatever they were.
    package static let defaultMethods = ["mfa"]

    package init(
        withinSeconds: Int? = nil, methods: [String] = Self.defaultMethods, classes: [String] = []
    ) throws(InvalidRequirement) {
        if let withinSeconds, !(60...30 * 86_400).contains(withinSeconds) {
            throw InvalidRequirement("requirements.mfa.within", "must be 1m to 30d")
        }
        guard !(methods + classes).isEmpty, !(methods + classes).contains("") else {
            throw InvalidRequirement("requirements.mfa", "must name a method (amr) or a class (acr), and no empty one")
        }
        self.withinSeconds = withinSeconds
        self.methods = methods
        self.classes = classes
    }

    func isMet(by principal: Principal) -> Bool {
        principal.authenticationMethods.contains(where: methods.contains)
            || principal.authenticationClass.map(classes.contains) == true
    }
}
