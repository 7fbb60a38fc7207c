import Testing

@testable import Commands

@Suite struct WantedCatalogTests {
    @Test func `items go out as they stand in the file`() throws {
        let catalog = try WantedCatalog(
            "policies:\n  - id: a\n    account: 012345678901\n    risk: 10\nteams: [{id: t, policies: [a]}]", file: "f")
        #expect(catalog.policies.map(\.id) == ["a"])
        let body = String(decoding: try #require(catalog.policies.first).body, as: UTF8.self)
        #expect(body.contains(#""account":"012345678901""#))
        #expect(catalog.teams.map { String(decoding: $0.body, as: UTF8.self).contains("policies") } == [true])
        #expect(try WantedCatalog("", file: "f") == WantedCatalog("policies:\nteams: []", file: "f"))
    }

    @Test(arguments: [
        ("[]", "policies and teams"), ("polices: []", "polices"), ("policies: x", "must be a list"),
        ("policies: [{risk: 1}]", "policies[0] must have an id"), ("teams: [{id: a}, {id: a}]", "earlier"),
        ("policies: [", "is not YAML"),
    ])
    func `what can't be sent is refused`(text: String, mention: String) {
        let error = #expect(throws: ImportFault.self) { try WantedCatalog(text, file: "f") }
        #expect(error?.what.contains(mention) == true, "\(String(describing: error))")
    }
}
