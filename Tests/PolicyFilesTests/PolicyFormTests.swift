import AccessControl
import Foundation
import StrictYAML
import Testing

@testable import PolicyFiles

@Suite struct PolicyFormTests {
    /// Every key that a policy can have.
    private static let whole = #"""
        {"id": "whole", "description": "has \"all\"", "account": "111122223333",
        "base_role": "arn:aws:iam::111122223333:role/path/Whole", "risk": 80, "max_duration": "90m",
        "managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "user_tags": ["department"],
        "default_tags": [{"stage": "prod"}, {"note": ""}], "transitive_tags": ["stage"], "external_id": "secret/1",
        "inline_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "role_max_session": "2h", "grant_tag": "stsbroker:request", "source_identity": false,
        "requirements": {"reason": true, "ticket": ["OPS-?*"], "mfa": {"within": "1h", "amr": ["hwk"], "acr": ["phr"]},
        "networks": ["192.0.2.0/24"], "times": [{"days": ["Monday"], "from": "08:00", "to": "24:00", "zone": "UTC"}]},
        "condition": {"ForAnyValue:StringEquals": {"broker:Team": ["a", "b"]}}, "automatic": {"Bool": {"broker:MfaPresent": "true"}},
        "approval": {"teams": ["security"], "condition": [{"Bool": {"broker:MfaPresent": "true"}},
        {"StringEquals": {"broker:Claim/level": "senior"}}], "count": 2,
        "own_requests": true, "expires_after": "8h", "notify": ["desk"]}}
        """#

    private func policy(_ json: String) throws -> AccessPolicy {
        try PolicyBody.policy(Array(json.utf8), name: "body").policy
    }

    private func form(_ policy: AccessPolicy) throws -> String {
        String(decoding: try JSONEncoder().encode(PolicyForm(policy: policy)), as: UTF8.self)
    }

    @Test func `a policy that is read and written back is the same policy`() throws {
        let policy = try policy(Self.whole)
        #expect(try self.policy(try form(policy)) == policy)
        let least = try self.policy(
            #"""
            {"id": "a", "description": "", "account": "111122223333", "base_role": "arn:aws:iam::111122223333:role/A",
            "risk": 1, "max_duration": "15m"}
            """#)
        #expect(try self.policy(try form(least)) == least)
        #expect(try !form(least).contains("source_identity"))
        let classes = try self.policy(
            Self.whole.replacing(#""amr": ["hwk"], "#, with: "").replacing(#"["OPS-?*"]"#, with: #""OPS-?*""#))
        #expect(classes.requirements?.mfa?.methods == [])
        #expect(try self.policy(try form(classes)) == classes)
    }

    @Test func `one block is written as itself, and several as a list`() throws {
        let data = Data(try form(policy(Self.whole)).utf8)
        let written = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(written["condition"] is [String: Any] && written["automatic"] is [String: Any])
        let list = (written["approval"] as? [String: Any])?["condition"] as? [[String: [String: [String]]]]
        let wanted = [
            ["Bool": ["broker:MfaPresent": ["true"]]], ["StringEquals": ["broker:Claim/level": ["senior"]]],
        ]
        #expect(list == wanted)
    }

    @Test func `no part of a stored policy is missing from its form`() throws {
        let policy = try policy(Self.whole)
        let stored = try #require(try JSONSerialization.jsonObject(with: try policy.document()) as? [String: Any])
        let form = try #require(try JSONSerialization.jsonObject(with: Data(try form(policy).utf8)) as? [String: Any])
        let renamed = [
            "policy_id": "id", "max_duration_seconds": "max_duration", "role_max_session_seconds": "role_max_session",
        ]
        #expect(Set(form.keys) == Set(stored.keys.map { renamed[$0] ?? $0 }))
        let given = try #require(try JSONSerialization.jsonObject(with: Data(Self.whole.utf8)) as? [String: Any])
        #expect(Set(given.keys) == Set(form.keys))
    }

    @Test(arguments: [(900, "15m"), (5400, "90m"), (43_200, "12h"), (86_400, "1d"), (61, "61s"), (0, "0s")])
    func `lengths of time are written in the largest unit that fits`(seconds: Int, text: String) {
        #expect(PolicyForm.text(seconds) == text)
    }
}
