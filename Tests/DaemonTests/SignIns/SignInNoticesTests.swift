import Foundation
import TestSupport
import Testing

@testable import Daemon

@Suite struct SignInNoticesTests {
    private let now = Date(timeIntervalSince1970: 1_767_225_600)

    @Test func `an end is told a quarter of an hour before, once, and again for the next sign-in`() {
        var notices = SignInNotices()
        let end = now + 3600
        #expect(notices.text(for: .current(end: end), now: now) == nil)
        #expect(notices.text(for: .current(end: end), now: end - 900) == nil)
        #expect(notices.text(for: .current(end: end), now: end - 899)?.contains("ends soon") == true)
        #expect(notices.text(for: .current(end: end), now: end - 800) == nil)
        #expect(notices.text(for: .current(end: nil), now: end) == nil)
        #expect(notices.text(for: .current(end: end + 60), now: end) != nil)
    }

    @Test func `an end that moves before it comes, and stays near, is told once; the next sign-in's again`() {
        var notices = SignInNotices()
        #expect(notices.text(for: .current(end: now + 600), now: now) != nil)
        #expect(notices.text(for: .current(end: now + 900), now: now + 300) == nil)
        #expect(notices.text(for: .current(end: now + 1200), now: now + 600) == nil)
        #expect(notices.text(for: .current(end: now + 2000), now: now + 1200) != nil)
    }

    @Test func `an end that nobody asked for is told once`() {
        var notices = SignInNotices()
        #expect(notices.text(for: .ended, now: now)?.contains("has ended") == true)
        #expect(notices.text(for: .ended, now: now + 60) == nil)
        #expect(notices.text(for: .current(end: nil), now: now + 120) == nil)
        #expect(notices.text(for: .ended, now: now + 180) != nil)
    }
}
