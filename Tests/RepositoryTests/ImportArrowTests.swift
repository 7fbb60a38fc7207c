import Foundation
import Testing

/// The sources, as text.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below `folder`, by its path from the root.
    static func swiftFiles(in folder: String) throws -> [(path: String, text: String)] {
        let base = root.appending(path: folder)
        let names = try #require(FileManager.default.enumerator(atPath: base.path)).compactMap { $0 as? String }
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            ("\(folder)/\(name)", try String(contentsOf: base.appending(path: name), encoding: .utf8))
        }
    }

    /// The modules that a file imports.
    static func imports(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position <= 1, words.count == position + 2 else {
                return nil
            }
            return String(words[position + 1])
        }
    }
}

@Suite struct ImportArrowTests {
    /// The rows of the layout: a target may import only targets of rows below its own.
    static let rows: [String: Int] = [
        "CYAML": -1, "CLinux": -1,
        "Credentials": 0, "StrictYAML": 0, "HTTPExchange": 0, "Cryptography": 0, "PrometheusText": 0,
        "CallerIdentity": 1, "CredentialCache": 1, "AccessControl": 1, "AWSAPI": 1, "OIDC": 1,
        "Systemd": 1,
        "MetadataServer": 2, "DaemonAPI": 2, "BrokerAPI": 2, "BrokerStore": 2, "IDTokens": 2,
        "PolicyFiles": 2,
        "Daemon": 3, "Commands": 3, "Broker": 3, "Sandbox": 3,
        "stsbrokerd": 4, "stsbroker": 4, "stsbroker-server": 4, "stsbroker-sandbox": 4,
    ]

    private func folders() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "Sources").path)
    }

    @Test func `every target has a row`() throws {
        #expect(Set(try folders()) == Set(Self.rows.keys))
    }

    @Test func `imports point to lower rows only`() throws {
        for target in try folders() {
            let row = try #require(Self.rows[target])
            for file in try Repository.swiftFiles(in: "Sources/\(target)") {
                for module in Repository.imports(in: file.text) {
                    guard let other = Self.rows[module] else { continue }
                    #expect(other < row, "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test(arguments: [
        ("CYAML", ["StrictYAML"]),
        ("CLinux", ["Daemon", "MetadataServer"]),
        ("CNIOBoringSSL", ["Cryptography"]),
        ("AsyncHTTPClient", ["Sandbox"]),
        ("JWTKit", ["IDTokens", "Sandbox"]),
        ("IDTokens", ["Broker"]),
        ("GRDB", ["BrokerStore"]),
        ("AWSAPI", ["Broker", "PolicyFiles"]),
        ("MetadataServer", ["Daemon"]),
        ("BrokerStore", ["Broker"]),
    ])
    func `a wall holds`(module: String, allowed: [String]) throws {
        for target in try folders() where !allowed.contains(target) {
            for file in try Repository.swiftFiles(in: "Sources/\(target)") {
                #expect(!Repository.imports(in: file.text).contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `the sandbox shares no rule with the product`() throws {
        for file in try Repository.swiftFiles(in: "Sources/Sandbox") {
            for module in Repository.imports(in: file.text) where Self.rows[module] != nil {
                #expect(module == "DaemonAPI", "\(file.path) imports \(module)")
            }
        }
    }

    /// What `stsbrokerd` links.
    private static let linkedByDaemon = [
        "Credentials", "Cryptography", "StrictYAML", "HTTPExchange", "CallerIdentity", "CredentialCache",
        "MetadataServer", "DaemonAPI", "BrokerAPI", "OIDC", "PrometheusText", "Systemd", "Daemon",
    ]

    @Test(arguments: linkedByDaemon)
    func `what the daemon links stays small`(target: String) throws {
        // Each of these brings megabytes along.
        let heavy: Set = ["Foundation", "AsyncHTTPClient", "Crypto", "CryptoExtras", "ArgumentParser", "Hummingbird"]
        for file in try Repository.swiftFiles(in: "Sources/\(target)") {
            #expect(heavy.isDisjoint(with: Repository.imports(in: file.text)), "\(file.path)")
        }
    }

    /// `Date` is FoundationEssentials' only part that is linked by itself. Any other pulls in seven megabytes.
    @Test(arguments: linkedByDaemon)
    func `what the daemon links uses only dates of FoundationEssentials`(target: String) throws {
        let regex =
            /\b(Data|JSONEncoder|JSONDecoder|ProcessInfo|FileManager|URL|URLComponents|UUID|Calendar|TimeZone|Locale|Decimal|LocalizedError)\b/
        for file in try Repository.swiftFiles(in: "Sources/\(target)") {
            guard Repository.imports(in: file.text).contains("FoundationEssentials") else { continue }
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
                    .replacing(/"[^"]*"/, with: "")
                #expect(code.firstMatch(of: regex) == nil, "\(file.path):\(number + 1)")
            }
        }
    }
}
