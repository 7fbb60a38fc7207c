import CredentialCache
import Credentials
import FoundationEssentials
import OIDC
import TestSupport
import Testing

@testable import Daemon

@Suite struct WorkloadTokenTests {
    private let time = ManualTime()
    private static let own = Principal.localUser(65532)

    private func token(_ subject: String = "app", lasting seconds: TimeInterval = 3600) -> String {
        Sample.idToken(subject, expiring: time.now.addingTimeInterval(seconds)).revealed()
    }

    private func problem(_ folder: TemporaryFolder, file: String = "token") -> String {
        do throws(SignInError) {
            return "accepted: \(try WorkloadToken(path: folder.file(file), principal: Self.own).session(now: time.now))"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `the file is read anew each time, with or without a line's end`(end: String) throws {
        try TemporaryFolder.with { folder in
            let workload = WorkloadToken(path: folder.file("token"), principal: Self.own)
            for subject in ["app", "other"] {
                let text = token(subject)
                try folder.write("token", text + end)
                let session = try workload.session(now: time.now)
                #expect(session.idToken == Secret(text))
                #expect(session.subject == subject)
            }
        }
    }

    @Test func `what can't be used is told by its file and the next step, without the content`() throws {
        try TemporaryFolder.with { folder in
            let file = folder.file("token")
            #expect(problem(folder) == "The token file \(file) does not exist; put the workload's token there.")
            #expect(
                problem(folder, file: "")
                    == "The token file \(file.dropLast(5)) is no regular file; put the workload's token there.")
            for empty in ["", " \n"] {
                try folder.write("token", empty)
                #expect(problem(folder) == "The token file \(file) is empty; check what writes it.")
            }
            for garbage in ["garbage", "a.b.c", token().replacing(".", with: " "), "\u{0}", "<html>garbage</html>"] {
                try folder.write("token", garbage)
                #expect(
                    problem(folder) == "The token file \(file) holds no JWT with sub and exp; check what writes it.")
            }
            try folder.write("token", String(repeating: "a", count: 1 << 20))
            #expect(problem(folder).contains("is longer than 16384 bytes"))
            try folder.write("token", token(lasting: 0))
            #expect(problem(folder).contains("holds a token that expired at "))
            #expect(problem(folder).hasSuffix("; check what renews it."))
        }
    }

    @Test func `only the workload's principal has its token, and nobody else's sign-in counts`() async throws {
        try await TemporaryFolder.with { folder in
            let text = token()
            try folder.write("token", text)
            let time = time
            let store = SignInStore(
                provider: NoProvider(), workload: WorkloadToken(path: folder.file("token"), principal: Self.own),
                now: { time.now }, logger: Sample.quiet)
            #expect(try await store.idToken(for: Self.own) == Secret(text))
            #expect(await store.current(Self.own)?.subject == "app")
            #expect(await store.current(Sample.ana) == nil)
            await #expect(throws: SignInError.signInRequired) { try await store.idToken(for: Sample.ana) }
        }
    }
}
