import AccessControl
import Foundation
import PolicyFiles
import StrictYAML
import Testing

/// What AWS calls `PackedPolicySize`, as far as it can be known before AWS is asked.
@Suite struct PackedSizeTests {
    /// Tags of so many characters in all.
    private static func tags(_ characters: Int) -> String {
        let values = stride(from: characters, to: 0, by: -200).map { min($0, 200) - 1 }
        let tags = zip("abcdefghij", values).map { #"{"\#($0)": "\#(String(repeating: "v", count: $1))"}"# }
        return #""default_tags": [\#(tags.joined(separator: ", "))]"#
    }

    private static let managed =
        #""managed_policies": [\#((0..<10).map { "\"arn:aws:iam::aws:policy/P\($0)\"" }.joined(separator: ", "))]"#

    /// An inline policy of so many characters, white space not counted.
    private static func document(_ characters: Int) -> String {
        func text(_ resource: String) -> String {
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"\#(resource)"}]}"#
        }
        return text(String(repeating: "x", count: characters - text("").utf8.count))
    }

    private static func inline(_ characters: Int, blanks: Int = 0) -> String {
        let text = document(characters) + String(repeating: " ", count: blanks)
        return #""inline_policy": "\#(text.replacing("\"", with: "\\\""))""#
    }

    private func policy(_ fields: [String]) throws -> (policy: AccessPolicy, warnings: [String]) {
        let all = [
            #""id": "p", "description": "d", "account": "111122223333", "risk": 10, "max_duration": "1h""#,
            #""base_role": "arn:aws:iam::111122223333:role/R""#,
        ]
        return try PolicyBody.policy(Array("{\((all + fields).joined(separator: ", "))}".utf8), name: "body")
    }

    @Test(arguments: [
        [], [tags(450)], [inline(1200)], [managed], [inline(1000), managed],
        // AWS is known to have taken this, at 82 %.
        [tags(135), inline(736)],
        [inline(1200, blanks: 800)],
    ])
    func `what AWS is likely to take has no warning`(fields: [String]) throws {
        #expect(try policy(fields).warnings.isEmpty)
    }

    @Test(arguments: [
        ([tags(451)], "451 characters of session tags"), ([inline(1400)], "about 108 %"),
        ([tags(300), inline(600)], "about 110 %"), ([inline(1200), managed], "about 112 %"),
        ([tags(440), managed], "about 114 %"), ([tags(700), inline(600)], "700 characters of session tags"),
        // All that STS's plain limits allow.
        ([inline(2048), managed], "about 178 %"),
    ])
    func `what AWS is likely to refuse is a warning, and allowed`(fields: [String], mention: String) throws {
        let warnings = try policy(fields).warnings
        #expect(warnings.count == 1 && warnings[0].contains(mention), "\(warnings)")
    }

    @Test func `transitive keys count a little`() throws {
        let fields = [#""user_tags": ["k", "l", "m", "n", "o", "q"]"#, Self.tags(430)]
        #expect(try policy(fields).warnings.isEmpty)
        let keys = #""transitive_tags": ["k", "l", "m", "n", "o", "q", "a", "b"]"#
        let warnings = try policy(fields + [keys]).warnings
        #expect(warnings.count == 1 && warnings[0].contains("session tags and session policies"), "\(warnings)")
    }

    @Test(arguments: [[tags(945)], [tags(700), inline(1700)], [tags(600), inline(2000), managed]])
    func `what is hopeless is refused, by AWS's name for it`(fields: [String]) {
        let error = #expect(throws: InvalidYAML.self) { try policy(fields) }
        #expect(error?.message.contains("PackedPolicySize: the session tags") == true, "\(String(describing: error))")
    }

    @Test(arguments: [[tags(940)], [tags(500), inline(2048), managed]])
    func `what isn't hopeless is left to AWS`(fields: [String]) throws {
        #expect(try !policy(fields).warnings.isEmpty)
    }

    @Test func `a request's own inline policy counts with the policy's tags`() throws {
        let own = try policy([Self.tags(700)]).policy
        func decision(_ characters: Int) throws -> Decision {
            let principal = Principal(
                id: PrincipalID(issuer: "https://idp.example.com", subject: "1"), userName: "alice", teams: ["t"],
                claims: [:])
            let request = AccessRequest(
                id: .random(), principal: principal, policyID: "p", duration: .seconds(900), reason: nil,
                inlinePolicy: try RequestedInlinePolicy.normalized(Self.document(characters)),
                receivedAt: Date(timeIntervalSince1970: 1_800_000_000))
            let catalog = try PolicyCatalog(policies: [own], teams: [Team(id: "t", policies: ["p"])])
            return SupposedRequest(request, chainsRoles: false).decision(under: catalog)
        }
        #expect(try decision(1000).outcome == .allow)
        let refused = try decision(1700)
        #expect(refused.outcome == .deny)
        #expect(refused.reasons.contains { $0.description.hasPrefix("PackedPolicySize: ") }, "\(refused.reasons)")
    }
}
