import Credentials
import FoundationEssentials
import OIDC
import TestSupport
import Testing

@testable import Daemon

@Suite struct SignInSessionTests {
    private let now = ManualTime().now

    private func session(
        lasting seconds: TimeInterval = 300, refreshToken: String? = "old", refreshTokenEnd: TimeInterval? = nil
    ) throws -> SignInSession {
        try SignInSession(
            idToken: Sample.idToken(expiring: now + seconds), refreshToken: refreshToken.map { Secret($0) },
            refreshTokenEnd: refreshTokenEnd.map { now + $0 })
    }

    @Test func `a sign-in ends with the last of its tokens, if that is known`() throws {
        #expect(try session(refreshToken: nil).end == now + 300)
        #expect(try session(refreshToken: nil, refreshTokenEnd: 1800).end == now + 300)
        #expect(try session().end == nil)
        #expect(try session(refreshTokenEnd: 1800).end == now + 1800)
        #expect(try session(lasting: 3600, refreshTokenEnd: 1800).end == now + 3600)
    }

    /// What the answer to a refresh tells, and where the end is afterwards that was after 1800 s before: in seconds after the
    /// refresh began.
    private static let answers: [(refreshToken: String?, RefreshTokenLifetime, end: TimeInterval?)] = [
        (nil, .limited(.seconds(7200)), 7200), ("old", .limited(.seconds(7200)), 7200),
        ("new", .limited(.seconds(7200)), 7200), ("new", .limited(.seconds(600)), 600),
        (nil, .unlimited, nil), ("new", .unlimited, nil),
        (nil, .unstated, 1700), ("old", .unstated, 1700), ("new", .unstated, nil),
    ]

    @Test(arguments: answers)
    func `a refresh moves the end as its answer says`(
        refreshToken: String?, lifetime: RefreshTokenLifetime, end: TimeInterval?
    ) throws {
        let began = now + 100
        let tokens = TokenSet(
            idToken: Sample.idToken(expiring: began + 300), refreshToken: refreshToken.map { Secret($0) },
            expiresIn: .seconds(300), refreshLifetime: lifetime)
        let refreshed = try session(refreshTokenEnd: 1800).refreshed(by: tokens, at: began)
        #expect(refreshed.refreshTokenEnd == end.map { began + $0 })
        #expect(refreshed.refreshToken == Secret(refreshToken ?? "old"))
        #expect(refreshed.expiration == began + 300)
    }
}
