import AccessControl
import BrokerAPI
import BrokerStore
import Hummingbird

/// What a change must find, in the header fields of RFC 9110, section 13.1: `If-None-Match: *` where nothing is, or `If-Match` with
/// the entity tag that was read. A change without either is refused (RFC 6585, section 3), for it could undo somebody else's.
enum Precondition: Equatable {
    case absent
    /// One of these, without their quotes.
    case versions([String])

    init(_ headers: HTTPFields) throws(Problem) {
        switch (headers[.ifMatch], headers[.ifNoneMatch]) {
        case (nil, "*"?): self = .absent
        case (let list?, nil):
            let versions = Self.versions(list)
            guard !versions.isEmpty else { throw Self.required }
            self = .versions(versions)
        default: throw Self.required
        }
    }

    /// Only strong tags count (RFC 9110, section 13.1.1); a version has neither comma nor quote. `*` would be anything.
    private static func versions(_ list: String) -> [String] {
        list.split(separator: ",").compactMap { part in
            let tag = part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            guard tag.count > 2, tag.first == "\"", tag.last == "\"" else { return nil }
            return String(tag.dropFirst().dropLast())
        }
    }

    private static var required: Problem {
        let detail =
            "Say what the change expects: If-None-Match: * for something new, or If-Match with the ETag of what you read."
        return Problem(ProblemDetails(status: 428, code: .preconditionRequired, detail: detail))
    }

    /// What the store is to expect, of what is there now.
    func expectation(besides current: String?) -> CatalogChange.Expectation {
        switch self {
        case .absent: .absent
        case .versions(let versions): .version(versions.first { $0 == current } ?? versions[0])
        }
    }
}
