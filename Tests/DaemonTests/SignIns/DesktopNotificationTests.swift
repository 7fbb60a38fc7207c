import Foundation
import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(5))) struct DesktopNotificationTests {
    /// A shell's script that can be executed at once: while another test's child has its descriptor, from fork(2) to
    /// execve(2), it can't (ETXTBSY).
    private func program(_ command: String, in folder: TemporaryFolder) async throws -> String {
        try folder.write("notify", "#!/bin/sh\n\(command)\n")
        let path = folder.file("notify")
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try #require(chmod(path, 0o755) == 0 && descriptor >= 0)
        defer { close(descriptor) }
        // F_SETLEASE of Linux, which Glibc's module doesn't show: 1024.
        try await awaited("nobody has it open for writing") { fcntl(descriptor, 1024, F_RDLCK) == 0 }
        return path
    }

    @Test func `the program gets the text and none of the daemon's descriptors`() async throws {
        try await TemporaryFolder.with { folder in
            // The shell keeps what it has open for itself at 10 and above.
            let listing = "for n in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$n ] && echo $n; done"
            let program = try await program("{ echo \"$3\"; \(listing); } > \(folder.file("output"))", in: folder)
            // As an accepted connection is: not closed on exec.
            var inherited: [CInt] = []
            repeat { inherited.append(dup(0)) } while inherited.last.map { (0..<9).contains($0) } == true
            defer { inherited.forEach { close($0) } }
            await DesktopNotification.show("Your sign-in has ended.", with: program)
            let output = try String(contentsOfFile: folder.file("output"), encoding: .utf8)
            #expect(output == "Your sign-in has ended.\n")
        }
    }

    @Test func `a program that doesn't get rid of the message is ended`() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder.file("process")
            let program = try await program("echo $$ > \(path); exec sleep 1000", in: folder)
            let showing = Task { await DesktopNotification.show("text", with: program, patience: .seconds(1000)) }
            func process() -> pid_t? {
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                return text.hasSuffix("\n") ? pid_t(text.dropLast()) : nil
            }
            try await awaited("it runs") { process() != nil }
            showing.cancel()
            await showing.value
            let ended = try #require(process())
            #expect(kill(ended, 0) != 0 && errno == ESRCH)
            await DesktopNotification.show("text", with: program, patience: .milliseconds(1))
        }
    }
}
