import AccessControl
import BrokerStore
import Credentials
import Foundation
import OIDC
import Testing

@testable import Broker

/// The parts of the pages by themselves.
@Suite struct WebPartsTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let session = WebSessionID(ofKey: "key")
    private let principal = PrincipalID(issuer: "https://idp.example", subject: "1")

    @Test(arguments: [
        ("a & b", "a &amp; b"), ("<b>", "&lt;b&gt;"), ("\"'", "&quot;&#39;"), ("a\nb\tc", "a\nb\tc"),
        ("\u{0}\u{1B}[31m", "\u{FFFD}\u{FFFD}[31m"), ("\u{202E}evil\u{2066}", "\u{FFFD}evil\u{FFFD}"),
        ("\u{200B}\u{2028}\u{FEFF}", "\u{FFFD}\u{FFFD}\u{FFFD}"), ("Zoë 語", "Zoë 語"), ("\r\n", "\u{FFFD}\n"),
    ])
    func `what is put into a page is text`(text: String, escaped: String) {
        let html: HTML = "<p title=\"\(text)\">\(text)</p>"
        #expect(html.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func `what is a page already stands as it is`() {
        let item: HTML = "<li>\("<")</li>"
        let list: HTML = "<ul>\([item, item])</ul>\(3)"
        #expect(list.text == "<ul><li>&lt;</li>\n<li>&lt;</li></ul>3")
    }

    @Test func `a list that goes on says so, and never that it is empty`() {
        let person = Principal(id: principal, userName: "u", teams: [], claims: [:])
        let visitor = Visitor(principal: person, session: session, signOutToken: "")
        func html(waiting next: CaseCursor?) -> String {
            let waiting = CasePage(cases: [], decidable: [], next: next)
            let own = CasePage(cases: [], decidable: [], next: nil)
            return RequestListPage(waiting: waiting, own: own, at: now).document(for: visitor).text
        }
        #expect(html(waiting: nil).contains("Nothing waits") && !html(waiting: nil).contains("There may be more"))
        let cut = html(waiting: CaseCursor(createdAt: 1, requestID: .random()))
        #expect(cut.contains("There may be more") && !cut.contains("Nothing waits"))
    }

    @Test func `a form's token is genuine for its purpose and session, until it is too old`() {
        let forms = FormTokens()
        let purpose = FormTokens.Purpose(act: .decision, requestID: "r", contentHash: "h")
        let token = forms.token(for: purpose, in: session, at: now)
        #expect(forms.nonce(of: token, for: purpose, in: session, at: now.addingTimeInterval(1799)) != nil)
        #expect(forms.nonce(of: token, for: purpose, in: session, at: now.addingTimeInterval(1800)) == nil)
        #expect(FormTokens().nonce(of: token, for: purpose, in: session, at: now) == nil)
        #expect(forms.nonce(of: token, for: purpose, in: WebSessionID(ofKey: "other"), at: now) == nil)
        for other in [
            FormTokens.Purpose(act: .cancel, requestID: "r", contentHash: "h"),
            .init(act: .decision, requestID: "rh", contentHash: ""),
            .init(act: .decision, requestID: "r", contentHash: "i"),
        ] {
            #expect(forms.nonce(of: token, for: other, in: session, at: now) == nil)
        }
        let parts = token.split(separator: ".")
        for forged in ["", "..", "9999999999.\(parts[1]).\(parts[2])", "\(parts[0]).x.\(parts[2])", "\(token)."] {
            #expect(forms.nonce(of: forged, for: purpose, in: session, at: now) == nil)
        }
        #expect(forms.token(for: purpose, in: session, at: now) != token)
    }

    @Test func `a sealed sign-in opens for ten minutes, unchanged, and where it was sealed`() throws {
        let seal = SignInSeal()
        let contents = SignInSeal.Contents(secrets: .random(), request: .random())
        let sealed = try #require(seal.seal(contents, at: now))
        let opened = try #require(seal.open(sealed, at: now.addingTimeInterval(600)))
        #expect(opened.secrets == contents.secrets && opened.request == contents.request)
        #expect(seal.open(sealed, at: now.addingTimeInterval(601)) == nil)
        #expect(seal.open(sealed, at: now.addingTimeInterval(-1)) == nil)
        #expect(SignInSeal().open(sealed, at: now) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed.replaceSubrange(index...index, with: sealed[index] == "A" ? "B" : "A")
            #expect(seal.open(changed, at: now) == nil)
        }
        #expect(seal.open("", at: now) == nil)
    }

    @Test func `sessions are bounded, by all and by each principal, and the oldest give way`() throws {
        let sessions = WebSessions()
        let end = now.addingTimeInterval(60)
        let keys = (0...WebSessions.mostOfOnePrincipal).map { index in
            sessions.begin(with: Secret("t"), of: principal, until: end, at: now.addingTimeInterval(Double(index)))
        }
        let held = keys.map { sessions.idToken(of: WebSessionID(ofKey: $0), at: now.addingTimeInterval(20)) != nil }
        #expect(held == [false] + Array(repeating: true, count: WebSessions.mostOfOnePrincipal))
        #expect(sessions.idToken(of: WebSessionID(ofKey: try #require(keys.last)), at: end) == nil)
    }

    @Test func `a form counts once in a session, and not at all in none`() {
        let sessions = WebSessions()
        let id = WebSessionID(
            ofKey: sessions.begin(with: Secret("t"), of: principal, until: now.addingTimeInterval(60), at: now))
        #expect(sessions.use(form: "1", in: id))
        #expect(!sessions.use(form: "1", in: id))
        #expect(!sessions.use(form: "2", in: session))
        for index in 2...WebSessions.mostForms { #expect(sessions.use(form: "\(index)", in: id)) }
        #expect(!sessions.use(form: "one more", in: id))
    }

    @Test(
        arguments: [
            ("a=1&a=2", nil), ("a=%", nil), ("comment=a%0D%0Ab%0Dc", "a\nb\nc"), ("comment=+%0A", ""), ("", ""),
        ] as [(String, String?)])
    func `a form is read strictly, and its lines are lines`(text: String, comment: String?) throws {
        let form = WebForm(text)
        #expect((form == nil) == (comment == nil))
        if let form { #expect(try form.comment() ?? "" == comment) }
        let long = WebForm("comment=\(String(repeating: "x", count: 1001))")
        #expect(throws: Problem.self) { try long?.comment() }
    }
}
