import Foundation
import Glibc
import Testing

@testable import Daemon

struct DesktopNotificationTests {
    @Test func `the program gets the text and none of the daemon's descriptors`() throws {
        try TemporaryFolder.with { folder in
            // The shell keeps what it has open for itself at 10 and above.
            let listing = "for n in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$n ] && echo $n; done"
            try folder.write("notify", "#!/bin/sh\n{ echo \"$3\"; \(listing); } > \(folder.file("output"))\n")
            try #require(chmod(folder.file("notify"), 0o755) == 0)
            // As an accepted connection is: not closed on exec.
            var inherited: [CInt] = []
            repeat { inherited.append(dup(0)) } while inherited.last.map { (0..<9).contains($0) } == true
            defer { inherited.forEach { close($0) } }
            DesktopNotification.show("Your sign-in has ended.", with: folder.file("notify"))
            let output = try String(contentsOfFile: folder.file("output"), encoding: .utf8)
            #expect(output == "Your sign-in has ended.\n")
        }
    }
}
