/// How much harm a policy's credentials can do: 1 (least) to 100. There is no default, because a policy whose risk
/// nobody stated must never be approved by a program.
package struct Risk: Sendable, Hashable, CustomStringConvertible {
    /// 1...100.
    package let value: Int

    /// `nil` outside 1...100.
    package init?(_ value: Int) {
        guard (1...100).contains(value) else { return nil }
        self.value = value
    }

    /// The highest risk that is allowed without a person's approval.
    package static let highestAutomatic = 50

    /// Whether a request may be allowed without a person's approval.
    package var isAutomatic: Bool { value <= Self.highestAutomatic }

    package var description: String { "\(value)" }
}
