import AccessControl
import StrictYAML

/// A file of policies and teams whose unreadable elements don't keep the others from being read.
struct LintedFile: Decodable {
    let policies: [LintedElement<PolicyEntry>]?
    let teams: [LintedElement<TeamEntry>]?

    var readablePolicies: [PolicyEntry] { (policies ?? []).compactMap { try? $0.result.get() } }
    var readableTeams: [Team] { (teams ?? []).compactMap { try? $0.result.get().team } }
    var hasUnreadablePolicies: Bool { readablePolicies.count < (policies ?? []).count }
}

/// An element, or the first thing that is wrong with it, at its place.
struct LintedElement<Element: Decodable>: Decodable {
    let result: Result<Element, InvalidYAML>

    init(from decoder: any Decoder) throws {
        do {
            result = .success(try decoder.singleValueContainer().decode(Element.self))
        } catch let error as InvalidYAML {
            result = .failure(error)
        }
    }
}
