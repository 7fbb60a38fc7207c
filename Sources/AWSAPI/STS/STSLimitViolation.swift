/// A request that AWS would refuse, noticed before it is sent.
package struct STSLimitViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field as AWS spells it: `RoleSessionName`, `Tags`, `Policy`, …
    package let rule: String
    /// One sentence: what is wrong, and what would be right.
    package let message: String

    package init(rule: String, message: String) {
        self.rule = rule
        self.message = message
    }

    package var description: String { "\(rule): \(message)" }
}
