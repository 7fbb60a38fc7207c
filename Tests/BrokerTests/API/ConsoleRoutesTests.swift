import AWSAPI
import AccessControl
import Foundation
import HTTPTypes
import Testing

@Suite struct ConsoleRoutesTests {
    private let reader =
        #"{"policy":"reader","duration_seconds":3600,"destination":"https://console.aws.amazon.com/s3/home"}"#

    @Test func `a link is made of credentials that are minted and recorded for it, and logged nowhere`() async throws {
        let broker = try await BrokerUnderTest()
        let answer = try await broker.send(.post, "/v1/console-links", body: reader)
        #expect(answer.status == 200)
        #expect(answer.json["signin_url"] as? String == FakeConsole.link)
        #expect(answer.headers[.cacheControl] == "no-store")
        let page = "https://console.aws.amazon.com/s3/home"
        #expect(broker.console.calls == [.init(accessKeyID: "ASIAEXAMPLE1", seconds: 3600, destination: page)])
        #expect(try await broker.auditKinds() == [.request, .decision, .issuance])
        #expect(!broker.log.text.contains("SIGNINSECRET"))
        let redirect = try await broker.send(.post, "/v1/console-links?redirect=true", body: reader)
        #expect(redirect.status == 303)
        #expect(redirect.headers[.location] == FakeConsole.link)
    }

    @Test func `with chained roles there is no SessionDuration`() async throws {
        let broker = try await BrokerUnderTest(chainsRoles: true)
        _ = try await broker.send(.post, "/v1/console-links", body: reader)
        #expect(broker.console.calls.map(\.seconds) == [nil])
    }

    @Test func `what needs approval gives no link, and neither does what is denied`() async throws {
        let broker = try await BrokerUnderTest()
        #expect(try await broker.send(.post, "/v1/console-links", body: #"{"policy":"admin"}"#).status == 202)
        #expect(try await broker.send(.post, "/v1/console-links", body: #"{"policy":"foreign"}"#).status == 404)
        #expect(broker.console.calls.isEmpty)
    }

    @Test func `a link that would lead elsewhere is refused before anything is minted`() async throws {
        let broker = try await BrokerUnderTest()
        let body = #"{"policy":"reader","destination":"https://example.com/"}"#
        #expect(try await broker.send(.post, "/v1/console-links", body: body).problemCode == "invalid_request")
        #expect(try await broker.auditKinds().isEmpty)
    }

    @Test(
        "Failures are told apart",
        arguments: [(ConsoleSignInFailure.refused(status: 400), 502), (.unavailable("down"), 503)])
    func failures(failure: ConsoleSignInFailure, status: Int) async throws {
        let broker = try await BrokerUnderTest()
        broker.console.fail(with: failure)
        let answer = try await broker.send(.post, "/v1/console-links", body: reader)
        #expect(answer.status == status)
        #expect(answer.problemCode != nil)
    }

    @Test
    func
        `defect B10: the original pick-up has its expiration and its link, and without a console still the credentials`()
        async throws
    {
        let broker = try await BrokerUnderTest()
        _ = try await broker.send(.post, "/credentials/request", body: #"{"policy":"reader","sessionDuration":3600}"#)
        let answer = try await broker.send(.get, "/credentials")
        #expect(answer.json["signin_url"] as? String == FakeConsole.link)
        #expect(answer.json["expiration"] as? Int == 1_800_003_600)
        broker.console.fail(with: .unavailable("down"))
        let without = try await broker.send(.get, "/credentials")
        #expect(without.status == 200)
        #expect(without.json["signin_url"] is NSNull)
        #expect(without.json["expiration"] as? Int == 1_800_003_600)
    }
}
