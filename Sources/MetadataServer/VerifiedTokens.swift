/// Tokens that have been verified, each with what that showed, so that a client that sends its token with each request has it
/// verified once. Only genuine tokens get in, and no more than ``most`` stay.
///
/// They are found by a hash that is seeded at random for each process, so the time that takes says nothing about those that
/// are in here.
struct VerifiedTokens<Finding: Sendable>: Sendable {
    static var most: Int { 1024 }

    private var findings: [String: Finding] = [:]

    subscript(_ token: String) -> Finding? { findings[token] }

    mutating func remember(_ token: String, _ finding: Finding) {
        if findings.count >= Self.most { findings.removeAll(keepingCapacity: true) }
        findings[token] = finding
    }
}
