import AccessControl
import Foundation
import Testing

@Suite struct RequirementsTests {
    private func reasons(
        _ requirements: Requirements, reason: String? = nil, ticket: String? = nil, startsAt: Date? = nil,
        principal: Principal = Sample.principal(), zones: [String: ZoneOffsets] = ["UTC": .utc]
    ) throws -> [DecisionReason] {
        let facts = AccessFacts(
            policy: try Sample.policy(requirements: requirements),
            teams: [try Team(id: "developers", policies: ["reader"])], chainsRoles: false, zones: zones)
        let request = Sample.request(principal: principal, reason: reason, ticket: ticket, startsAt: startsAt)
        let decision = AccessRules.standard.decide(request, knowing: facts)
        return decision.outcome == .deny ? decision.reasons : []
    }

    @Test(arguments: [(nil, false), ("", false), (" \n", false), ("deploys 1.2", true)])
    func `A reason must say something`(reason: String?, isEnough: Bool) throws {
        let required = try Requirements(reason: true)
        #expect(try reasons(required, reason: reason) == (isEnough ? [] : [.reasonMissing]))
    }

    @Test func `A reason that need not be given requires nothing, and stays readable where it was stored`() throws {
        #expect(throws: InvalidRequirement.self) { try Requirements(reason: false) }
        #expect(try Requirements(reason: false, ticket: TicketPatterns(["OPS-*"])).names == ["ticket"])
        let stored = try JSONDecoder().decode(Requirements.self, from: Data(#"{"reason":false}"#.utf8))
        #expect(stored.names.isEmpty)
    }

    @Test(arguments: [
        ("OPS-1", true), ("OPS-12345", true), ("CHG0042", true), ("OPS-", false), ("ops-1", false), ("XOPS-1", false),
        ("CHG004", false), (nil, false),
    ])
    func `A ticket must match one of the patterns, and whoever asks is told which`(ticket: String?, fits: Bool) throws {
        let required = try Requirements(ticket: TicketPatterns(["OPS-?*", "CHG????"]))
        let reasons = try reasons(required, ticket: ticket)
        #expect(reasons.isEmpty == fits)
        if !fits { #expect(reasons.map(\.description).joined().contains(#""OPS-?*" or "CHG????""#)) }
    }

    private func person(
        amr: [String] = [], acr: String? = nil, since seconds: Double? = nil, from address: String? = nil
    ) -> Principal {
        Principal(
            id: Sample.principalID, userName: "developer", teams: ["developers"],
            claims: ["custom:department": "research"], authenticationMethods: amr, authenticationClass: acr,
            authenticatedAt: seconds.map { Sample.now.addingTimeInterval(-$0) },
            source: RequestSource(address: address.flatMap { SourceAddress($0) }))
    }

    @Test func `Several factors count by amr or acr, as the policy says, and not without word of them`() throws {
        let plain = try Requirements(mfa: MFARequirement())
        #expect(try reasons(plain, principal: person(amr: ["pwd", "mfa"])) == [])
        #expect(try reasons(plain, principal: person(amr: ["pwd", "otp"])) == [.mfaMissing])
        #expect(try reasons(plain, principal: person(acr: "phr")) == [.mfaMissing])
        #expect(try reasons(plain, principal: person()) == [.mfaMissing])
        let named = try Requirements(mfa: MFARequirement(methods: ["hwk"], classes: ["phr"]))
        #expect(try reasons(named, principal: person(amr: ["hwk"])) == [])
        #expect(try reasons(named, principal: person(acr: "phr")) == [])
        #expect(try reasons(named, principal: person(amr: ["mfa"])) == [.mfaMissing])
    }

    @Test func `A sign-in grows old, and one of unknown age is too old`() throws {
        let recent = try Requirements(mfa: MFARequirement(withinSeconds: 3600))
        #expect(try reasons(recent, principal: person(amr: ["mfa"], since: 3600)) == [])
        #expect(
            try reasons(recent, principal: person(amr: ["mfa"], since: 3601)) == [.mfaTooOld(seconds: 3601, most: 3600)]
        )
        #expect(try reasons(recent, principal: person(amr: ["mfa"])) == [.mfaTimeUnknown])
        let advice = try reasons(recent, principal: person(amr: ["mfa"], since: 7200)).first?.description
        #expect(advice?.hasSuffix("sign in again with MFA") == true)
    }

    @Test func `Who comes from elsewhere, or from nobody knows where, is refused`() throws {
        let office = try Requirements(networks: NetworkList(["192.0.2.0/24", "2001:db8::/32"]))
        #expect(try reasons(office, principal: person(from: "192.0.2.9")) == [])
        #expect(try reasons(office, principal: person(from: "2001:db8::9")) == [])
        let other = try #require(SourceAddress("198.51.100.1"))
        #expect(try reasons(office, principal: person(from: "198.51.100.1")) == [.sourceElsewhere(other)])
        #expect(try reasons(office, principal: person()) == [.sourceUnknown])
    }

    /// Now is Friday, 08:00 UTC.
    @Test(arguments: [
        (["Friday"], "08:00", "09:00", true), (["Friday"], "08:01", "09:00", false),
        (["Friday"], "07:00", "08:00", false),
        (["Thursday"], "00:00", "24:00", false), (["Friday"], "07:30", "07:00", true),
        (["Thursday"], "22:00", "08:01", true),
        (["Thursday"], "22:00", "08:00", false), (["Friday"], "22:00", "09:00", false),
    ])
    func `Hours belong to the day on which they begin, and end before their end`(
        days: [String], from: String, to: String, isWithin: Bool
    ) throws {
        let time = try AllowedTime(days: days, from: from, to: to)
        #expect(try reasons(Requirements(times: [time])) == (isWithin ? [] : [.timeElsewhere([time])]))
    }

    @Test func `Hours are those of the zone's clocks, summer time included, when the access begins`() throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        let zones = ["Europe/Berlin": try ZoneOffsets(tzif: bytes)]
        let time = try AllowedTime(from: "09:00", to: "10:00", zone: "Europe/Berlin")
        let required = try Requirements(times: [time])
        // 08:00 UTC is 09:00 in winter.
        #expect(try reasons(required, zones: zones) == [])
        // 15 July 2027, 08:00 and 07:00 UTC.
        let summer = Date(timeIntervalSince1970: 1_815_638_400)
        #expect(try reasons(required, startsAt: summer, zones: zones) == [.timeElsewhere([time])])
        #expect(try reasons(required, startsAt: summer.addingTimeInterval(-3600), zones: zones) == [])
        #expect(try reasons(required, zones: [:]) == [.zoneUnknown("Europe/Berlin")])
        #expect(!DecisionReason.zoneUnknown("Europe/Berlin").isUnmetRequirement)
    }

    @Test func `All that is missing is said at once`() throws {
        let required = try Requirements(
            reason: true, ticket: TicketPatterns(["OPS-*"]), mfa: MFARequirement(),
            networks: NetworkList(["10.0.0.0/8"]),
            times: [AllowedTime(days: ["Sunday"])])
        let missing = try reasons(required)
        #expect(missing.count == 5)
        #expect(missing.allSatisfy { $0.isUnmetRequirement })
        #expect(required.names == ["reason", "ticket", "mfa", "networks", "times"])
    }

    @Test func `Requirements change the version, and read back as they were written`() throws {
        let required = try Requirements(
            reason: true, ticket: TicketPatterns(["OPS-*"]), mfa: MFARequirement(withinSeconds: 60),
            networks: NetworkList(["10.0.0.0/8"]),
            times: [AllowedTime(days: ["Sunday"], from: "08:00", zone: "Etc/GMT-3")])
        let policy = try Sample.policy(requirements: required)
        #expect(try AccessPolicy(document: policy.document()) == policy)
        #expect(try policy.version != Sample.policy().version)
        #expect(try AccessPolicy(document: policy.document()).requirements == required)
    }
}
