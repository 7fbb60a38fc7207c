import ArgumentParser
import BrokerAPI
import Credentials
import Foundation
import HTTPExchange
import TestSupport
import Testing

@testable import Commands

@Suite struct RequestTextTests {
    private func request(
        _ state: String, reason: String? = "because", inlinePolicy: String? = nil, votes: [RequestSummary.Vote] = []
    ) -> RequestSummary {
        RequestSummary(
            requestID: "0123456789abcdef0123456789abcdef", state: state, user: "alice", policy: "admin",
            durationSeconds: 5400, reason: reason, tags: ["stage": "prod", "dept": "x\u{1B}[2J"],
            createdAt: "2030-01-01T00:00:00Z", expiresAt: state == "pending" ? "2030-01-02T00:00:00Z" : nil,
            startsAt: nil, endsAt: state == "active" ? "2030-01-01T01:00:00Z" : nil, contentHash: "h",
            approvalsNeeded: 1, votes: votes, mayDecide: false, inlinePolicy: inlinePolicy)
    }

    @Test func `a request is told in one line, with who decided`() {
        let id = "0123456789abcdef0123456789abcdef"
        let vote = RequestSummary.Vote(user: "bob", decision: "deny", comment: "not today", at: "2030-01-01T00:00:00Z")
        #expect(
            RequestText.line(request("pending"))
                == "\(id): admin for 90m waits for 1 approval(s), until 2030-01-02T00:00:00Z.")
        #expect(RequestText.line(request("active")) == "\(id): admin for 90m is granted until 2030-01-01T01:00:00Z.")
        #expect(
            RequestText.line(request("denied", votes: [vote])) == "\(id): admin for 90m is denied by bob: not today.")
    }

    @Test func `a comment is no line of ours`() {
        let comment = "no\nabc: admin for 90m is granted\u{202E}"
        let vote = RequestSummary.Vote(user: "bob", decision: "deny", comment: comment, at: "2030-01-01T00:00:00Z")
        let line = RequestText.line(request("denied", votes: [vote]))
        #expect(line.hasSuffix("by bob: no\u{FFFD}abc: admin for 90m is granted\u{FFFD}."), "\(line)")
    }

    @Test func `whoever decides sees all of it, and nothing in it steers the terminal`() {
        #expect(
            RequestText.content(request("pending", reason: nil)) == """
                REQUEST    0123456789abcdef0123456789abcdef
                user       alice
                policy     admin
                for        90m
                from       its approval
                reason     none given
                tag dept   x\u{FFFD}[2J
                tag stage  prod
                """)
    }

    private static let session = RequestSummary.Session(
        baseRole: "arn:aws:iam::111122223333:role/Admin",
        managedPolicies: ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/x\u{202E}"],
        inlinePolicy: #"{"Id":"own"}"#, transitiveTags: ["stage", "dept"], sendsExternalID: true,
        sendsSourceIdentity: false)

    @Test func `whoever decides sees what AWS is asked for`() {
        var shown = request("pending", inlinePolicy: #"{"Id":"asked"}"#)
        (shown.policyVersion, shown.account, shown.risk) = ("abc", "111122223333", 80)
        shown.session = Self.session
        #expect(
            RequestText.content(shown) == """
                REQUEST          0123456789abcdef0123456789abcdef
                user             alice
                policy           admin
                policy version   abc
                account          111122223333
                risk             80 of 100
                for              90m
                from             its approval
                reason           because
                tag dept         x\u{FFFD}[2J
                tag stage        prod
                base role        arn:aws:iam::111122223333:role/Admin
                narrowed by      arn:aws:iam::aws:policy/ReadOnlyAccess
                narrowed by      arn:aws:iam::aws:policy/x\u{FFFD}
                transitive tags  stage, dept
                external id      sent
                source identity  none
                Narrowed by the policy's own inline policy:
                {
                  "Id" : "own"
                }
                Narrowed by the inline policy:
                {
                  "Id" : "asked"
                }
                """)
    }

    @Test func `whoever decides is told of a policy that has changed since`() {
        var shown = request("pending")
        shown.policyVersion = "abc"
        #expect(RequestText.content(shown).contains("policy          admin, which has changed since or is gone\n"))
    }

    @Test func `what is shown for a decision is the request by itself, which has more of it than a list`()
        async throws
    {
        let listed = request("pending")
        var shown = listed
        (shown.session, shown.contentHash) = (Self.session, "of what is shown")
        let (list, none, single) = (
            try JSONText.line(RequestList(requests: [listed])), try JSONText.line(RequestList(requests: [])),
            try JSONText.line(shown)
        )
        let found = try await ScriptedServer.running({ request in
            switch request.target {
            case "/v1/requests/\(listed.requestID)": .text(single)
            case "/v1/requests?scope=to_decide&limit=200": .text(list)
            default: .text(none)
            }
        }) { server in
            let exchange = HTTPExchange(http: .shared, timeout: .seconds(60))
            let client = BrokerClient(exchange: exchange, baseURL: server.url)
            return try await BrokerAccess(client: client, idToken: Secret("token")).wholeRequest("0123")
        }
        #expect(found == shown)
    }

    @Test func `lists say so when they are empty`() {
        #expect(RequestsCommand.text(RequestList(requests: []), toDecide: false) == "You have asked for nothing.")
        #expect(RequestsCommand.text(RequestList(requests: []), toDecide: true) == "Nothing waits for your decision.")
        #expect(
            RequestsCommand.text(RequestList(requests: [request("pending")]), toDecide: true) == """
                REQUEST       STATE    USER   POLICY  FOR  ENDS                  REASON
                0123456789ab  pending  alice  admin   90m  2030-01-02T00:00:00Z  because
                """)
    }

    @Test(
        arguments: [
            ("active", nil), ("scheduled", nil), ("pending", 4), ("denied", 5), ("revoked", 5), ("expired", 1),
            ("cancelled", 1),
        ] as [(String, Int32?)])
    func `the exit status tells the state`(state: String, status: Int32?) {
        #expect(RequestCommand.exitCode(of: request(state))?.rawValue == status)
    }

    @Test func `an inline policy is shown to whoever decides, and narrows an extension too`() {
        let narrowed = request("active", inlinePolicy: "{}\u{1B}")
        #expect(RequestText.content(narrowed).hasSuffix("\nNarrowed by the inline policy:\n{}\u{FFFD}"))
        let call = ExtendCommand.call(extending: narrowed, seconds: nil, reason: nil)
        #expect(call?.inlinePolicy == narrowed.inlinePolicy)
    }

    @Test func `an inline policy comes from a file, and one that can't be read is named`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{}\n".utf8).write(to: file)
        #expect(try RequestCommand.policyText(in: file.path) == "{}\n")
        try Data([0xFF]).write(to: file)
        for path in [file.path, "/nowhere/policy.json"] {
            let fault = #expect(throws: ConfigurationFault.self) { try RequestCommand.policyText(in: path) }
            #expect(fault?.message.hasPrefix("\(path) can't be read") == true)
        }
    }

    @Test func `an extension begins when what was granted ends, and only what is granted has one`() {
        let call = ExtendCommand.call(extending: request("active"), seconds: nil, reason: nil)
        #expect(
            call
                == RequestCall(
                    policy: "admin", durationSeconds: 5400, reason: "because", startsAt: "2030-01-01T01:00:00Z"))
        let other = ExtendCommand.call(extending: request("active"), seconds: 900, reason: "not done yet")
        #expect(other?.durationSeconds == 900 && other?.reason == "not done yet")
        for state in ["pending", "denied", "ended", "revoked"] {
            #expect(ExtendCommand.call(extending: request(state), seconds: nil, reason: nil) == nil)
        }
    }

    @Test(arguments: [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200)])
    func `durations have a unit or are seconds`(text: String, seconds: Int) {
        #expect(DurationArgument(argument: text)?.seconds == seconds)
    }

    @Test(arguments: ["", "h", "-1h", "1.5h", "1d", "0", "+1m", "９m", "99999999999999999999s"])
    func `what is no duration is refused`(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }
}
