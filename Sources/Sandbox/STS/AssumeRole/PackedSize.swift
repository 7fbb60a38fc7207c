/// An approximation of AWS's packed size, whose algorithm is not public. Public reports put nine tags with values of 250
/// characters at 498 % and six EKS tags at 74 %; this formula says 499 % and about 70 %.
enum PackedSize {
    /// Characters of tag keys and values that fill the whole.
    private static let tagBudget = 460
    /// Counted for each tag besides its key and value.
    private static let tagOverhead = 2

    /// Per cent, rounded up; nothing when there is nothing to pack.
    static func percent(tags: [SessionTag], policies: SessionPolicies) -> Int? {
        guard !tags.isEmpty || policies.inline != nil || !policies.arns.isEmpty else { return nil }
        let tagLength = tags.map { $0.key.utf8.count + $0.value.utf8.count + tagOverhead }.reduce(0, +)
        let inline = (policies.inline ?? "").utf8.filter { $0 > 0x20 }.count
        let references = policies.arns.count * 40
        let inTags = Double(tagLength) / Double(tagBudget)
        let inPolicies = Double(inline + references) / Double(SessionPolicies.characterLimit)
        return Int(((inTags + inPolicies) * 100).rounded(.up))
    }

    /// The percentage to answer with; over a hundred the call is refused.
    static func checked(tags: [SessionTag], policies: SessionPolicies) throws(STSFault) -> Int? {
        let percent = percent(tags: tags, policies: policies)
        if let percent, percent > 100 {
            throw STSFault(
                .packedPolicyTooLarge,
                "Packed size of session tags and policies consumes \(percent)% of allotted space.")
        }
        return percent
    }
}
