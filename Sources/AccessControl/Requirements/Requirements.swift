/// What every request under a policy must have, beside what the policy's condition says. Each is judged by a rule of its own,
/// whose answer tells people what to do.
package struct Requirements: Codable, Sendable, Hashable {
    /// Whether it must say why.
    package let reason: Bool?
    package let ticket: TicketPatterns?
    package let mfa: MFARequirement?
    /// Where whoever asks must connect from.
    package let networks: NetworkList?
    /// When the access must begin: within any of these.
    package let times: [AllowedTime]?

    /// Fails if nothing is required, also by a reason that need not be given, or a list is empty: who means that leaves
    /// it out.
    package init(
        reason: Bool? = nil, ticket: TicketPatterns? = nil, mfa: MFARequirement? = nil, networks: NetworkList? = nil,
        times: [AllowedTime]? = nil
    ) throws(InvalidRequirement) {
        guard reason == true || ticket != nil || mfa != nil || networks != nil || times != nil else {
            throw InvalidRequirement("requirements", "must require something, or be left out")
        }
        if let times, !(1...32).contains(times.count) {
            throw InvalidRequirement("requirements.times", "must have 1 to 32 entries")
        }
        self.reason = reason
        self.ticket = ticket
        self.mfa = mfa
        self.networks = networks
        self.times = times
    }

    /// Of what is required, as the policies file spells it.
    package var names: [String] {
        [
            reason == true ? "reason" : nil, ticket.map { _ in "ticket" }, mfa.map { _ in "mfa" },
            networks.map { _ in "networks" }, times.map { _ in "times" },
        ].compactMap(\.self)
    }

    /// The names of the time zones that must be known to judge it.
    package var zones: Set<String> { Set((times ?? []).map(\.zone)) }
}

/// Why a requirement cannot be used.
package struct InvalidRequirement: Error, Equatable, CustomStringConvertible {
    /// As the policies file spells it.
    package let field: String
    /// Completes the sentence "FIELD …".
    package let problem: String

    init(_ field: String, _ problem: String) {
        self.field = field
        self.problem = problem
    }

    package var description: String { "\(field) \(problem)" }
}
