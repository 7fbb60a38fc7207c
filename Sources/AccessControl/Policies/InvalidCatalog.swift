/// Why policies and teams cannot be used: which one, which of its fields, and the rule it breaks.
package struct InvalidCatalog: Error, Equatable, CustomStringConvertible {
    package enum Item: Equatable, Sendable {
        case policy(String)
        case team(String)
    }

    package let item: Item
    /// As the policies file spells it; empty when the whole item is meant.
    package let field: String
    package let problem: String

    package init(_ item: Item, field: String, _ problem: String) {
        self.item = item
        self.field = field
        self.problem = problem
    }

    package var description: String {
        let name =
            switch item {
            case .policy(let id): "policy \"\(id)\""
            case .team(let id): "team \"\(id)\""
            }
        return field.isEmpty ? "\(name): \(problem)" : "\(name): \(field) \(problem)"
    }
}
