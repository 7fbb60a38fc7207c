import Daemon
import Foundation
import StrictYAML
import TestSupport
import Testing

/// Generated garbage at the configuration's entry point.
@Suite("Configuration of the daemon, fuzzed")
struct ConfigurationFuzzTests {
    @Test("Garbage never traps, and each error is one bounded line that names the file")
    func garbage() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("fuzzed.yaml")
        let example = PythonEnvironment.root.appending(path: "config/stsbrokerd.yaml")
        let seeds = [Array(try Data(contentsOf: example)), Array(Sample.configuration().utf8)]
        var refused = 0
        var rounds = 0
        try FuzzRounds.repeated(2_500) { generator in
            var bytes = ConfigurationGarbage.bytes(from: seeds, using: &generator)
            ConfigurationGarbage.mutate(&bytes, seeds, using: &generator)
            try Data(bytes).write(to: URL(filePath: file))
            rounds += 1
            do throws(InvalidYAML) {
                _ = try DaemonSettings.load(path: file, environment: [:], users: FakeUsers())
            } catch {
                refused += 1
                let text = error.description
                let isGood =
                    text.hasPrefix(file + ":") && !text.contains { $0.isNewline } && text.count < 600
                    && !error.message.isEmpty
                if !isGood { Issue.record("\(text.debugDescription) after: \(Data(bytes).base64EncodedString())") }
            }
        }
        #expect(refused > rounds / 2)
        #expect(refused < rounds)
    }
}

/// Texts that are nearly, or not at all, configurations.
enum ConfigurationGarbage {
    /// Mostly a good file to spoil, sometimes something else altogether.
    static func bytes(from seeds: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<24, using: &generator) {
        case 0: (0..<Int.random(in: 0...400, using: &generator)).map { _ in .random(in: 0 ... .max, using: &generator) }
        case 1: nested(using: &generator)
        case 2: aliases(using: &generator)
        case 3: Array(("roles: " + String(repeating: "x", count: .random(in: 0...200_000, using: &generator))).utf8)
        default: seeds[Int.random(in: seeds.indices, using: &generator)]
        }
    }

    static func mutate(_ bytes: inout [UInt8], _ seeds: [[UInt8]], using generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            guard !bytes.isEmpty else { return }
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1:
                bytes[index] = pick(Array(":-[]{}&*!|>%@\"'\n\t#, ".utf8) + [0, 0xFF, 0xC0, 0x80], using: &generator)
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...30, using: &generator)))
            case 3: editLines(&bytes, using: &generator)
            case 4, 5: spliceValue(into: &bytes, using: &generator)
            default:
                let other = seeds[Int.random(in: seeds.indices, using: &generator)]
                let start = Int.random(in: other.indices, using: &generator)
                bytes.insert(contentsOf: other[start...].prefix(60), at: index)
            }
        }
    }

    private static func editLines(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = Int.random(in: lines.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: lines.remove(at: index)
        case 1: lines.insert(lines[index], at: index)
        default: lines.swapAt(index, Int.random(in: lines.indices, using: &generator))
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// Puts another value behind some colon.
    private static func spliceValue(into bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard !colons.isEmpty else { return }
        let start = pick(colons, using: &generator) + 1
        let end = bytes[start...].firstIndex { ",}\n".utf8.contains($0) } ?? bytes.endIndex
        let values = [
            "", "~", "null", "true", "-1", "0", "99999999999999999999999", "1e999", ".nan", "9223372036854775807d",
            "\"\\0\"",
            "[]", "{}", "[[]]", "{a: b}", "*none", "&a [*a]", "!!binary x", "!!int x", "\"\\U0010FFFF\"", "\"\\uD800\"",
            "é",
            "\u{202E}", "|\n  text", "\"unclosed", "https://[", "http://[::1]:99999", "[::1]:0",
            "127.0.0.1:99999999999", "/",
            "<<: *x", "? [a]", String(repeating: "9", count: 5000), String(repeating: "\u{301}", count: 3000),
        ]
        bytes.replaceSubrange(start..<end, with: Array((" " + pick(values, using: &generator)).utf8))
    }

    private static func nested(using generator: inout SeededGenerator) -> [UInt8] {
        let depth = Int.random(in: 1...3000, using: &generator)
        let opening = pick(["[", "{a: ", "- ", "? ", "[{a: ", "&x ["], using: &generator)
        return Array(("roles: " + String(repeating: opening, count: depth)).utf8)
    }

    private static func aliases(using generator: inout SeededGenerator) -> [UInt8] {
        let width = Int.random(in: 1...10, using: &generator)
        var text = "a0: &a0 [x]\n"
        for level in 1...Int.random(in: 1...7, using: &generator) {
            let parts = Array(repeating: "*a\(level - 1)", count: width).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(parts)]\n"
        }
        return Array((text + Sample.configuration()).utf8)
    }

    private static func pick<Value>(_ values: [Value], using generator: inout SeededGenerator) -> Value {
        values[Int.random(in: values.indices, using: &generator)]
    }
}
