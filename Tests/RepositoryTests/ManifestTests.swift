import Foundation
import Testing

/// What `Package.swift` declares, against what the sources import.
@Suite struct ManifestTests {
    private struct Declaration {
        let name: String
        let text: String
        /// The line above.
        let comment: String

        /// Where its sources are.
        var folder: String {
            if let path = text.firstMatch(of: /path: "([^"]+)"/) { return String(path.1) }
            return text.hasPrefix("        .testTarget(") ? "Tests/\(name)" : "Sources/\(name)"
        }
    }

    private static func manifest() throws -> String {
        try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8)
    }

    /// Every target below `targets:`.
    private static func declarations() throws -> [Declaration] {
        let targets = try #require(try manifest().split(separator: "    targets: [\n").last)
        var declarations: [Declaration] = []
        var previous = ""
        var block: (comment: String, lines: [String])?
        for line in targets.split(separator: "\n").map(String.init) {
            let isStart = [
                "        .systemLibrary(", "        .target(", "        .executableTarget(", "        .testTarget(",
            ]
            .contains { line.hasPrefix($0) }
            if isStart || line == "    ]" {
                if let block { declarations.append(try declaration(block.lines, comment: block.comment)) }
                block = isStart ? (previous, []) : nil
            }
            if !line.hasPrefix("        //") { block?.lines.append(line) }
            previous = line
        }
        return declarations
    }

    private static func declaration(_ lines: [String], comment: String) throws -> Declaration {
        let text = lines.joined(separator: "\n")
        let name = try #require(text.firstMatch(of: /name: "([^"]+)"/)).1
        return Declaration(name: String(name), text: text, comment: comment)
    }

    /// The modules that a target declares to depend on, executables apart: those are run, not imported.
    private static func modules(of target: Declaration) throws -> [String] {
        let products = Dictionary(
            try manifest().matches(of: /static let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)"/)
                .map { (String($0.1), String($0.2)) }
        ) { first, _ in first }
        var modules = target.text.matches(of: /Library\.(\w+)/).compactMap { products[String($0.1)] }
        modules += target.text.matches(of: /\.product\(name: "(\w+)"/).map { String($0.1) }
        modules += target.text.matches(of: /"(\w+)"/).map { String($0.1) }.filter { name in
            name != target.name && (ImportArrowTests.rows[name].map { $0 < 4 } ?? (name == "TestSupport"))
        }
        return modules
    }

    @Test func `a comment above each target of the sources says its row and what it forbids`() throws {
        let declarations = try Self.declarations()
        #expect(declarations.count >= 20)
        for target in declarations {
            guard let row = ImportArrowTests.rows[target.name] else { continue }
            // One comment stands above all of the product's executables.
            if row == 4 { continue }
            #expect(target.comment.contains("// Row \(row). "), "\(target.name): \(target.comment)")
            #expect(target.comment.contains("forbids"), "\(target.name): \(target.comment)")
        }
    }

    @Test func `declared dependencies point to lower rows, and each is imported`() throws {
        for target in try Self.declarations() where !target.text.contains(".systemLibrary(") {
            let files = try Repository.swiftFiles(in: target.folder)
            #expect(!files.isEmpty, "\(target.name) has no sources")
            let imported = Set(files.flatMap { Repository.imports(in: $0.text) })
            for module in try Self.modules(of: target) {
                #expect(imported.contains(module), "\(target.name) declares \(module) and does not import it")
                if let own = ImportArrowTests.rows[target.name], let other = ImportArrowTests.rows[module] {
                    #expect(other < own, "\(target.name) declares \(module)")
                }
            }
        }
    }

    @Test func `an image's build gets each folder that Package.swift names, and Benchmarks`() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
        }
        let admitted = try text("config/container/Dockerfile.dockerignore").matches(of: /(?m)^!(.+)$/).map { $0.1 }
        var read = try Self.declarations().filter { !$0.text.contains(".systemLibrary(") }.map(\.folder)
        read += try text("Makefile").matches(of: /Benchmarks\/\w+/).map { String($0.0) }
        #expect(read.count >= 40 && admitted.count >= 4)
        for folder in Set(read.compactMap { $0.split(separator: "/").first }) {
            #expect(admitted.contains(folder), "\(folder) is left out")
        }
    }
}
