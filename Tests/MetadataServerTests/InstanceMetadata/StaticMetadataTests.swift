import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite struct StaticMetadataTests {
    @Test(arguments: [
        "user-data", "meta-data/tags/instance/Name", "meta-data/placement/host-id", "dynamic/instance-identity/pkcs7",
        "meta-data/iam/other",
    ])
    func `a path that the daemon does not serve itself is good`(path: String) {
        #expect(StaticMetadata.problem(in: [path: "text"]) == nil)
    }

    @Test(arguments: [
        "", "/", "/user-data", "user-data/", "a//b", "a/../b", ".", "a b", "a%20b", "a?b", "ä",
        "api/token", "meta-data/instance-id", "meta-data/iam/info", "meta-data/iam/security-credentials",
        "meta-data/iam/security-credentials/developer", "meta-data/iam/security-credentials-extended/x",
        "meta-data/instance-id/x", "meta-data", "meta-data/iam", "dynamic/instance-identity",
    ])
    func `any other is refused`(path: String) {
        #expect(StaticMetadata.problem(in: [path: "text"])?.path == path)
    }

    @Test func `texts are bounded, and a path is a text or a directory`() {
        #expect(StaticMetadata.problem(in: ["a": ""]) != nil)
        #expect(StaticMetadata.problem(in: ["a": String(repeating: "x", count: 16_384)]) == nil)
        #expect(StaticMetadata.problem(in: ["a": String(repeating: "x", count: 16_385)]) != nil)
        #expect(StaticMetadata.problem(in: ["a": "x", "a/b": "x"])?.path == "a")
        let many = Dictionary(uniqueKeysWithValues: (0...256).map { ("a/\($0)", "x") })
        #expect(StaticMetadata.problem(in: many) != nil)
    }

    @Test func `the tree serves and lists them beside its own`() {
        var facts = InstanceFacts()
        facts.staticMetadata = [
            "user-data": "#!/bin/sh", "meta-data/tags/instance/Name": "w", "meta-data/instance-id": "no",
        ]
        let tree = MetadataTree(facts, startedAt: Fixture.now)
        #expect(tree.text(at: "user-data") == "#!/bin/sh")
        #expect(tree.text(at: "meta-data/tags/instance") == "Name")
        #expect(tree.text(at: "meta-data/instance-id") == facts.instanceID)
        #expect(tree.text(at: "") == "dynamic/\nmeta-data/\nuser-data")
        #expect(tree.text(at: "meta-data") == "iam/\ninstance-id\nplacement/\ntags/")
        let own = MetadataTree(InstanceFacts(), startedAt: Fixture.now)
        #expect(MetadataTree.ownPaths.allSatisfy { own.text(at: $0[...]) != nil })
    }
}
