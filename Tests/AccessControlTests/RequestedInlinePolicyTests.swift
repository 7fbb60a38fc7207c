import AccessControl
import Foundation
import Testing

@Suite struct RequestedInlinePolicyTests {
    private static func document(_ statements: String...) -> String {
        #"{"Statement":[\#(statements.joined(separator: ","))],"Version":"2012-10-17"}"#
    }

    private static let allow = #"{"Action":"s3:GetObject","Effect":"Allow","Resource":"*"}"#
    private static let deny = #"{"Action":"s3:Delete*","Effect":"Deny","Resource":"arn:aws:s3:::{{tag/stage}}/*"}"#
    private static let filledDeny = deny.replacing("{{tag/stage}}", with: "dev")
    private let tags = [PolicyTag(key: "stage", value: "dev")]

    private func policy(inline: String? = nil, managed: [String] = []) throws -> AccessPolicy {
        try Sample.policy(managed: managed, userTags: [], inline: inline)
    }

    @Test func `Alone it may allow and deny, and takes the tags' values`() throws {
        let text = try policy().inlinePolicy(with: tags, narrowedBy: Self.document(Self.allow, Self.deny))
        #expect(text == Self.document(Self.allow, Self.filledDeny))
    }

    @Test func `Alone it may not only deny: the session could do nothing`() throws {
        let own = try policy()
        #expect(throws: InvalidSessionPolicy(isRequested: true, problem: .allowsNothing)) {
            try own.inlinePolicy(with: tags, narrowedBy: Self.document(Self.deny))
        }
    }

    @Test func `Beside session policies of the policy it may only deny, and is joined to the inline one`() throws {
        let own = try policy(inline: Self.document(Self.allow))
        #expect(
            try own.inlinePolicy(with: tags, narrowedBy: Self.document(Self.deny))
                == Self.document(Self.allow, Self.filledDeny))
        let managed = try policy(managed: ["arn:aws:iam::aws:policy/ReadOnlyAccess"])
        #expect(
            try managed.inlinePolicy(with: tags, narrowedBy: Self.document(Self.deny))
                == Self.document(Self.filledDeny))
        for policy in [own, managed] {
            let widening = InvalidSessionPolicy(isRequested: true, problem: .allowsBeside)
            #expect(throws: widening) {
                try policy.inlinePolicy(with: tags, narrowedBy: Self.document(Self.deny, Self.allow))
            }
            #expect(throws: widening) {
                try policy.inlinePolicy(
                    with: tags, narrowedBy: #"{"Version":"2012-10-17","Statement":\#(Self.allow)}"#)
            }
        }
    }

    @Test func `A Sid that the policy has, and a tag that it hasn't, are refused as the request's fault`() throws {
        func statement(_ effect: String, _ resource: String = "*") -> String {
            #"{"Action":"s3:*","Effect":"\#(effect)","Resource":"\#(resource)","Sid":"One"}"#
        }
        let own = try policy(inline: Self.document(statement("Allow")))
        #expect(throws: InvalidSessionPolicy(isRequested: true, problem: .sidTaken("One"))) {
            try own.inlinePolicy(with: tags, narrowedBy: Self.document(statement("Deny")))
        }
        let error = #expect(throws: InvalidSessionPolicy.self) {
            try own.inlinePolicy(with: tags, narrowedBy: Self.document(statement("Deny", "{{tag/stag}}")))
        }
        #expect(error?.description.hasPrefix("Policy: the request's inline_policy has {{tag/stag}}") == true)
    }

    @Test func `Statements of both without a Sid, or with an empty one, are joined`() throws {
        func statement(_ effect: String) -> String {
            #"{"Action":"s3:*","Effect":"\#(effect)","Resource":"*","Sid":""}"#
        }
        let own = try policy(inline: Self.document(statement("Allow")))
        #expect(
            try own.inlinePolicy(with: tags, narrowedBy: Self.document(statement("Deny")))
                == Self.document(statement("Allow"), statement("Deny")))
    }

    @Test(arguments: ["Küche", "部門"])
    func `A tag's value is taken though its key isn't ASCII, as the form is`(key: String) throws {
        let own = try Sample.policy(userTags: [], defaultTags: [PolicyTag(key: key, value: "dev")])
        let normal = try RequestedInlinePolicy.normalized(
            Self.document(Self.allow, Self.deny.replacing("tag/stage", with: "tag/\(key)")))
        #expect(
            try own.inlinePolicy(with: own.defaultTags, narrowedBy: normal)
                == Self.document(Self.allow, Self.filledDeny))
    }

    @Test func `Its one form says what was looked at, of a key that stands there twice too`() throws {
        let twice =
            #"{ "Version": "2012-10-17", "Statement": \#(Self.deny), "Statement": [\#(Self.allow)] }"#
        let normal = try RequestedInlinePolicy.normalized(twice)
        #expect(normal.ranges(of: "Statement").count == 1)
        #expect(try RequestedInlinePolicy.normalized(normal) == normal)
    }

    @Test func `Numbers, Booleans and letters of all scripts are kept, in ASCII`() throws {
        let condition = #"{"Bool":{"aws:x":true},"NumericLessThan":{"x":[3600,0.5]},"Null":{"y":null}}"#
        let text = Self.document(
            #"{"Action":"s3:*","Condition":\#(condition),"Effect":"Deny","Resource":"arn:aws:s3:::日本/😀\u00e9\""}"#)
        let normal = try RequestedInlinePolicy.normalized(text)
        #expect(normal.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        let before = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
        let after = try #require(try JSONSerialization.jsonObject(with: Data(normal.utf8)) as? NSDictionary)
        #expect(before == after)
        let readable = try JSONSerialization.jsonObject(with: Data(RequestedInlinePolicy.readable(normal).utf8))
        #expect(before == readable as? NSDictionary)
        #expect(RequestedInlinePolicy.readable(normal).contains("\n"))
    }

    @Test(arguments: ["", "{}", "[]", "nonsense", #"{"Version":"2012-10-17","Statement":[]}"#])
    func `What is no session policy has no such form`(text: String) {
        #expect(throws: InvalidInlinePolicy.self) { try RequestedInlinePolicy.normalized(text) }
    }

    @Test func `What is nested deeply, or long, is refused before it is looked at`() {
        let deep = String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
        let condition = #"{"Action":"s3:*","Condition":{"Null":\#(deep)},"Effect":"Deny","Resource":"*"}"#
        #expect(throws: InvalidInlinePolicy.notAPolicy("it is no JSON, or nested too deeply")) {
            try RequestedInlinePolicy.normalized(Self.document(condition))
        }
        let long = Self.document(Self.deny) + String(repeating: " ", count: 16 * 1024)
        #expect(throws: InvalidInlinePolicy.notAPolicy("it is over 16384 bytes long")) {
            try RequestedInlinePolicy.normalized(long)
        }
    }

    @Test func `It has at most 2048 characters, white space aside`() throws {
        func text(_ count: Int) -> String {
            Self.document(
                #"{"Action":"s3:*","Effect":"Deny","Resource":"\#(String(repeating: "x", count: count))"}"#)
        }
        let most = 2048 - text(0).utf8.count
        #expect(try RequestedInlinePolicy.normalized("  \(text(most))\n\n").utf8.count == 2048)
        let error = #expect(throws: InvalidInlinePolicy.self) { try RequestedInlinePolicy.normalized(text(most + 1)) }
        #expect(error?.description.contains("2049 characters") == true)
    }

    @Test func `An approval is of the inline policy too, and contents without one keep their hash`() throws {
        func content(ticket: String? = nil, _ inline: String?) throws -> RequestContent {
            RequestContent(
                requester: Sample.principalID, policyID: "reader", policyVersion: try policy().version, tags: tags,
                durationSeconds: 900, reason: nil, ticket: ticket, inlinePolicy: inline, startsAt: nil)
        }
        let contents = [
            try content(nil), try content("a"), try content("b"), try content(ticket: "a", nil),
            try content(ticket: "inline_policy", nil), try content(ticket: "a", "a"),
        ]
        #expect(Set(contents.map(\.digest)).count == contents.count)
    }
}
