import AccessControl
import ArgumentParser
import HTTPExchange

/// Which claims give which session tags, as arguments say it.
struct TagClaimArguments {
    /// As in the original system without any argument; else the named tags alone.
    let tagClaims: TagClaims

    /// Fails with the first argument that isn't `TAG=CLAIM`, and for tags that AWS takes for one.
    init(_ arguments: [String]) throws(ValidationError) {
        var tags: [String] = []
        var claims: [String: String] = [:]
        for argument in arguments {
            guard let (tag, claim) = ClaimArguments.parts(of: argument), !claim.isEmpty else {
                throw ValidationError("\(Excerpt.quoted(argument)) is no tag and its claim as TAG=CLAIM.")
            }
            tags.append(tag)
            claims[tag] = claim
        }
        if let keys = tags.firstCollision { throw ValidationError("--tag-claim has the tags \(keys).") }
        tagClaims = arguments.isEmpty ? .original : .listed(claims)
    }
}
