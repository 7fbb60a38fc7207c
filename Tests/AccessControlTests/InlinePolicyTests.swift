import AccessControl
import Foundation
import Testing

@Suite struct InlinePolicyTests {
    private static func policy(_ resource: String, version: String = "2012-10-17", extra: String = "") -> String {
        #"{"Version":"\#(version)","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"\#(resource)"\#(extra)}]}"#
    }

    private func filled(_ resource: String, _ value: String) throws -> String? {
        let policy = try Sample.policy(defaultTags: [], inline: Self.policy(resource))
        return try policy.inlinePolicy(with: [PolicyTag(key: "department", value: value)])
    }

    @Test func `A placeholder takes the tag's value, and IAM's own variables stay`() throws {
        let text = try filled("arn:aws:s3:::data/{{tag/department}}/${aws:userid}/{{tag/department}}*", "research")
        #expect(text == Self.policy("arn:aws:s3:::data/research/${aws:userid}/research*"))
    }

    @Test(arguments: ["*", "a*", "?", "${aws:username}", "$", "a$b", ""])
    func `A value that IAM would read as more is refused`(value: String) throws {
        #expect(throws: InvalidSessionPolicy(isRequested: false, problem: .widening(key: "department"))) {
            try filled("arn:aws:s3:::data/{{tag/department}}", value)
        }
    }

    @Test(arguments: [#"a"b"#, #"a\"#, "a\u{0}\n\u{7F}b", "Zoë", "日本", "😀", #"","Effect":"Deny"#])
    func `Whatever the value, the JSON has exactly it, in characters that STS takes`(value: String) throws {
        let text = try #require(try filled("x{{tag/department}}y", value))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let statement = try #require((json["Statement"] as? [[String: Any]])?.first)
        #expect(statement["Resource"] as? String == "x\(value)y")
        #expect(statement.count == 3)
        #expect(text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) })
    }

    @Test func `An accent behind a placeholder is no part of it`() throws {
        let text = try #require(try filled("x{{tag/department}}\u{301}", "research"))
        #expect(text.contains("xresearch\u{301}"))
    }

    @Test func `Escapes are as good as what they stand for, where no placeholder is near`() throws {
        #expect(try filled(#"\u0024{aws:username}"#, "research")?.contains(#"\u0024{aws:username}"#) == true)
    }

    @Test(arguments: [
        (policy("{{tag/departement}}"), "did you mean {{tag/department}}"), (policy("{{claim/x}}"), "can't be read"),
        (policy("{{tag/}}"), "can't be read"), (policy("{{tag/department"), "can't be read"),
        (policy("${aws:PrincipalTag/{{tag/department}}}"), "IAM's variables"),
        (policy("${{tag/department}}"), "IAM's variables"), (policy("${\u{301}{{tag/department}}}"), "IAM's variables"),
        (policy("{{\u{301}tag/department}}"), "can't be read"),
        (policy(#"\u0024{aws:PrincipalTag/{{tag/department}}}"#), #"\u0024"#),
        (policy(#"{{tag/department}}/\u007B{tag/x}}"#), #"\u007b"#),
        (policy("x", extra: ",\"Condition\":{\"StringEquals\":{\"\u{600}{{tag/department}}\":\"x\"}}"), "in a key"),
        (policy("x", extra: #","Condition":{"StringEquals":{"{{tag/department}}":"x"}}"#), "in a key"),
        (policy("x", version: "2008-10-17"), "Version"), (policy("x", extra: #","Principal":"*""#), "Principal"),
        (policy("x", extra: #","NotResource":"y""#), "Resource and NotResource"), ("[]", "no JSON object"),
        ("{", "no JSON"),
        (#"{"Version":"2012-10-17","Statement":[]}"#, "no Statement"), (#"{"Version":"2012-10-17"}"#, "no Statement"),
        (#"{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"s3:*","Resource":"*"}}"#, "Effect"),
        (#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}"#, "Action and NotAction"),
        (#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[1],"Resource":"*"}}"#, "list of texts"),
        (#"{"Version":"2012-10-17","Statement":"x"}"#, "no Statement"), (policy("x", extra: #","Sid":"a b""#), "Sid"),
        (policy("x", extra: #","Sid":7"#), "Sid"),
        (policy("x", extra: #","Sid":"A"},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*""#), "the Sid \"A\""),
        (#"{"Version":"2012-10-17","Statment":{}}"#, "Statment"),
    ])
    func `What AWS would refuse, or would fill with what nobody meant, is refused when the policy is made`(
        text: String, mention: String
    ) {
        let error = #expect(throws: InvalidCatalog.self) { try Sample.policy(inline: text) }
        #expect(error?.field == "inline_policy")
        #expect(error?.problem.contains(mention) == true, "\(String(describing: error))")
    }

    @Test func `A fixed value that would widen is refused when the policy is made`() {
        for value in ["", "a*"] {
            #expect(throws: InvalidCatalog.self) {
                try Sample.policy(
                    defaultTags: [PolicyTag(key: "stage", value: value)], inline: Self.policy("{{tag/stage}}"))
            }
        }
    }
}
