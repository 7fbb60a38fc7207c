import Foundation
import TestSupport
import Testing

/// The broker's pages with real processes: by a scripted browser, and in Chromium.
@Suite(.timeLimit(.minutes(5))) struct PageTests {
    @Test func `defects A1, A5: links show, a signed-in approver decides once, and nothing that is sent again mints`()
        async throws
    {
        let script = try PythonEnvironment.script("pages.py", of: #filePath)
        try await RunningSandbox.running { sandbox in
            _ = try await sandbox.shell("env", "python -B '\(script)'")
        }
    }

    @Test func `a person approves in Chromium, with the keyboard, and axe-core finds nothing`() async throws {
        let script = try PythonEnvironment.script("chromium_pages.py", of: #filePath)
        try await TemporaryFolder.use { folder in
            let pictures = ProcessInfo.processInfo.environment["STSBROKER_PICTURES"] ?? folder.path
            try await RunningSandbox.running { sandbox in
                _ = try await sandbox.shell("env", "python -B '\(script)' '\(pictures)'")
            }
        }
    }
}
