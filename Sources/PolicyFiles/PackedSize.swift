import AWSAPI

/// What AWS calls `PackedPolicySize`: a binary form of session tags and session policies in per cent of a limit. AWS
/// documents neither, so these are estimates from public reports:
///
/// * nine tags of 250 characters were 498 %; six of about 350 in all, each of them transitive, 74 %: about 4.7
///   characters are 1 %;
/// * inline policies were 82 % with 736 characters and three short tags, 157 % with 1,690 and the same: about 13
///   characters are 1 %, white space not counted;
/// * AWS says that the ARNs of managed policies count, and nobody says how much.
struct PackedSize {
    /// Over so much of ``least``, nothing has been seen to fit.
    static let hopeless = 200

    private static let tagCharactersPerPercent = 4.7
    private static let policyCharactersPerPercent = 13.0
    /// Guesses, on the safe side for a warning.
    private static let percentPerARN = 2
    private static let percentPerTransitiveKey = 1

    /// As much as the reports make it. Over 100, AWS is likely to refuse the session.
    let likely: Int
    /// As little as it may be: half for the inline policy, as one that says the same again and again may pack better
    /// than those of the reports; nothing for what there are only guesses of. What STS's other limits allow without
    /// tags is under 100.
    let least: Int

    init(tags: [SessionTag], transitiveKeys: Int, inlinePolicy: String?, policyARNs: Int) {
        let tagPart = Double(STSLimits.tagCharacters(tags)) / Self.tagCharactersPerPercent
        let characters = inlinePolicy?.unicodeScalars.count(where: { !$0.properties.isWhitespace }) ?? 0
        let policyPart = Double(characters) / Self.policyCharactersPerPercent
        let guessed = policyARNs * Self.percentPerARN + transitiveKeys * Self.percentPerTransitiveKey
        likely = Int((tagPart + policyPart).rounded()) + guessed
        least = Int((tagPart + policyPart / 2).rounded())
    }
}
