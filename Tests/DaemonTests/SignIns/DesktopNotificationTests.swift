import Foundation
import Glibc
import Testing

@testable import Daemon

struct DesktopNotificationTests {
    @Test func `the program gets the text and none of the daemon's descriptors`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (program, output) = (folder.appending(path: "notify"), folder.appending(path: "output"))
        // The shell keeps what it has open for itself at 10 and above.
        let listing = "for n in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$n ] && echo $n; done"
        let script = "#!/bin/sh\n{ echo \"$3\"; \(listing); } > \(output.path)\n"
        try Data(script.utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        // As an accepted connection is: not closed on exec.
        var inherited: [CInt] = []
        repeat { inherited.append(dup(0)) } while inherited.last.map { (0..<9).contains($0) } == true
        defer { inherited.forEach { close($0) } }
        DesktopNotification.show("Your sign-in has ended.", with: program.path)
        #expect(try String(contentsOf: output, encoding: .utf8) == "Your sign-in has ended.\n")
    }
}
