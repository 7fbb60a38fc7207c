import Broker
import Foundation
import PolicyFiles
import StrictYAML
import TestSupport
import Testing

/// Generated garbage where the server's configuration and its policies are read.
@Suite("Configuration of the server, fuzzed")
struct ServerConfigurationFuzzTests {
    @Test("A spoilt server configuration never traps, and its error is one bounded line that names the file")
    func server() {
        let seeds = [ConfigurationTests.valid]
        fuzz(seeds) { text throws(InvalidYAML) in
            _ = try StrictYAML.decode(
                ServerConfiguration.self, from: text, file: "server.yaml", environment: [:],
                environmentPrefix: ServerConfiguration.environmentPrefix)
        }
    }

    @Test("Spoilt policies never trap, and their error is one bounded line that names the file")
    func policies() {
        fuzz([ConfigurationTests.policies]) { text throws(InvalidYAML) in
            _ = try PolicyFile.decode(text, file: "server.yaml")
        }
    }

    private func fuzz(_ seeds: [String], _ decode: (String) throws(InvalidYAML) -> Void) {
        var rounds = 0
        var refused = 0
        FuzzRounds.repeated(2_000) { generator in
            let text = spoilt(seeds[rounds % seeds.count], using: &generator)
            rounds += 1
            do throws(InvalidYAML) {
                try decode(text)
            } catch {
                refused += 1
                let line = error.description
                let isGood = line.hasPrefix("server.yaml:") && !line.contains { $0.isNewline } && line.count < 600
                if !isGood || error.message.isEmpty {
                    Issue.record("\(line.debugDescription) after: \(text.debugDescription)")
                }
            }
        }
        #expect(refused > rounds / 2)
    }

    private func spoilt(_ seed: String, using generator: inout SeededGenerator) -> String {
        var bytes = Array(seed.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where index < bytes.count: bytes[index] = .random(in: 0 ... .max, using: &generator)
            case 1: bytes.removeSubrange(min(index, bytes.count)..<min(bytes.count, index + 9))
            case 2: spliceValue(into: &bytes, using: &generator)
            case 3:
                let part = bytes[min(index, bytes.count)...].prefix(40)
                bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &generator))
            default:
                let noise = ["[", "{", "- ", "&a ", "*a ", "!!int ", "\"", "|", "\n", "\t", ": ", "#", "\u{0}"]
                let text = noise[Int.random(in: noise.indices, using: &generator)]
                let count = Int.random(in: 0..<10, using: &generator) == 0 ? 1_500 : 1
                bytes.insert(
                    contentsOf: Array(String(repeating: text, count: count).utf8), at: min(index, bytes.count))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Puts another value behind some colon.
    private func spliceValue(into bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard let colon = colons.randomElement(using: &generator) else { return }
        let end = bytes[colon...].firstIndex { ",}\n".utf8.contains($0) } ?? bytes.endIndex
        let values = [
            "", "~", "true", "-1", "0", "101", "99999999999999999999999", "1e999", ".nan", "9223372036854775807d", "[]",
            "{}",
            "[[]]", "{a: b}", "*none", "&a [*a]", "\"\\0\"", "\"\\uD800\"", "\u{202E}", "arn:aws:iam::", "https://[",
            "::1:80",
            "http://[::1]:99999", String(repeating: "9", count: 5_000), String(repeating: "\u{301}", count: 3_000),
        ]
        let value = values[Int.random(in: values.indices, using: &generator)]
        bytes.replaceSubrange(min(colon + 1, end)..<end, with: Array((" " + value).utf8))
    }
}
