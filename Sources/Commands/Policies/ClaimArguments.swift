import ArgumentParser
import Credentials
import HTTPExchange

/// Claims as arguments say them: texts, of which several with one name are a list, and claims of any kind as JSON.
struct ClaimArguments {
    /// By their names; none is null.
    let claims: [String: ClaimValue]

    /// Fails with the first argument that is no claim: without a name or `=`, or with a name that is taken.
    /// - Parameters:
    ///   - texts: each `NAME=VALUE`.
    ///   - json: each `NAME=JSON`, read as a token is; no name may be twice among these, or among the texts, too.
    init(texts: [String], json: [String]) throws(ValidationError) {
        var lists: [String: [ClaimValue]] = [:]
        for argument in texts {
            guard let (name, value) = Self.parts(of: argument) else {
                throw ValidationError("\(Excerpt.quoted(argument)) is no claim as NAME=VALUE.")
            }
            lists[name, default: []].append(.string(value))
        }
        var claims: [String: ClaimValue] = lists.mapValues { $0.count == 1 ? $0[0] : ClaimValue.array($0) }
        for argument in json {
            guard let (name, text) = Self.parts(of: argument),
                let value = StrictJSON.decode(ClaimValue.self, from: text.utf8), value != .null
            else {
                throw ValidationError(
                    "\(Excerpt.quoted(argument)) is no claim as NAME=JSON, such as suspended=true, nor may it be null.")
            }
            guard claims.updateValue(value, forKey: name) == nil else {
                throw ValidationError(
                    "The claim \(Excerpt.quoted(name)) is given more than once; --claim-json has the whole of it.")
            }
        }
        self.claims = claims
    }

    /// What is before and after the first `=`; `nil` if there is none, or nothing before it.
    static func parts(of argument: String) -> (name: String, value: String)? {
        argument.dropFirst().firstIndex(of: "=").map { split in
            (String(argument[..<split]), String(argument[argument.index(after: split)...]))
        }
    }
}
