/// An AWS config or credentials file, byte for byte: what isn't asked to change stays as it is, odd or not.
///
/// Lines are understood as Python's configparser understands them, for botocore reads with that: an indented line goes on with
/// the key before it, `#` and `;` begin comments, `=` and `:` part keys from values, and keys are of any case.
struct ProfileFile: Equatable {
    struct Line: Equatable {
        enum Kind: Equatable {
            case blank
            case header(String)
            case option(String)
            case continuation
            /// A beginning or an end of ``block``, or what can't be understood.
            case other
        }

        var bytes: [UInt8]
        var kind: Kind
    }

    private(set) var lines: [Line]
    private let lineEnd: [UInt8]

    init(_ bytes: [UInt8]) {
        lines = Self.lines(of: bytes)
        lineEnd = Array((lines.first?.bytes.suffix(2) == Array("\r\n".utf8)[...] ? "\r\n" : "\n").utf8)
    }

    var bytes: [UInt8] { lines.flatMap(\.bytes) }

    // MARK: Reading

    /// The values in the section, each without what follows on indented lines; `nil` if there is no such section.
    func values(in header: String) -> [String: String]? {
        guard let start = headerIndices(header).first else { return nil }
        var values: [String: String] = [:]
        for line in lines[section(at: start)] {
            guard case .option(let key) = line.kind else { continue }
            let text = String(decoding: line.bytes, as: UTF8.self)
            let value = text.firstIndex { "=:".contains($0) }.map { text[text.index(after: $0)...] } ?? ""
            values[key] = Self.trimmed(String(value))
        }
        return values
    }

    /// The names between brackets, in order.
    var headers: [String] {
        lines.compactMap { if case .header(let name) = $0.kind { name } else { nil } }
    }

    // MARK: Changing

    /// Gives the section those values, and makes it at the end if it isn't there. Fails if the section is there twice.
    mutating func set(_ values: [(key: String, value: String)], in header: String) throws(ProfileFileFault) {
        let found = headerIndices(header)
        guard found.count < 2 else { throw ProfileFileFault("has the section [\(header)] twice; mend that first") }
        guard let start = found.first else {
            if let last = lines.last, last.kind != .blank || !last.bytes.allSatisfy(Self.isBlank) { append("") }
            append("[\(header)]")
            for value in values { append("\(value.key) = \(value.value)") }
            self = ProfileFile(bytes)
            return
        }
        for value in values { set(value.key, value.value, inSectionAt: start) }
    }

    private mutating func set(_ key: String, _ value: String, inSectionAt start: Int) {
        let text = Array("\(key) = \(value)".utf8)
        let places = section(at: start).filter { lines[$0].kind == .option(key) }
        guard let place = places.first else {
            let last = section(at: start).last { lines[$0].kind != .blank && lines[$0].kind != .other } ?? start
            endLine(last)
            let line = Line(bytes: indentation(before: last + 1) + text + lineEnd, kind: .option(key))
            lines.insert(line, at: last + 1)
            return
        }
        // From the end, so that the earlier places stay where they are.
        for duplicate in places.dropFirst().reversed() {
            removeContinuations(of: duplicate)
            lines.remove(at: duplicate)
        }
        removeContinuations(of: place)
        let end = lines[place].bytes.reversed().prefix { $0 == 0x0A || $0 == 0x0D }.reversed()
        lines[place].bytes = indentation(before: place + 1) + text + end
    }

    /// Of the last line before `index` that isn't one that goes on: with another one, lines behind could become part of the value,
    /// or stop being.
    private func indentation(before index: Int) -> [UInt8] {
        let line = lines[..<index].last { line in
            switch line.kind {
            case .header, .option: true
            case .blank, .continuation, .other: false
            }
        }
        return line.map { Array($0.bytes.prefix { $0 == 0x20 || $0 == 0x09 }) } ?? []
    }

    /// Comments among them stay.
    private mutating func removeContinuations(of option: Int) {
        var index = option + 1
        while index < lines.count, [.continuation, .blank].contains(lines[index].kind) {
            if lines[index].kind == .continuation { lines.remove(at: index) } else { index += 1 }
        }
    }

    /// Adds a line at the end.
    mutating func append(_ text: String) {
        if !lines.isEmpty { endLine(lines.count - 1) }
        lines += Self.lines(of: Array(text.utf8) + lineEnd)
    }

    private mutating func endLine(_ index: Int) {
        if lines[index].bytes.last != 0x0A { lines[index].bytes += lineEnd }
    }

    /// Replaces the lines from `first` to `last`, both of which are there.
    mutating func replace(_ range: Range<Int>, with texts: [String]) {
        lines.replaceSubrange(range, with: texts.map { Line(bytes: Array($0.utf8) + lineEnd, kind: .other) })
        self = ProfileFile(bytes)
    }

    // MARK: Finding

    private func headerIndices(_ header: String) -> [Int] {
        lines.indices.filter { lines[$0].kind == .header(Self.normalized(header)) }
    }

    /// The lines below the header.
    private func section(at start: Int) -> Range<Int> {
        let end = lines[(start + 1)...].firstIndex { if case .header = $0.kind { true } else { false } }
        return start + 1..<(end ?? lines.endIndex)
    }
}

/// Why a file of profiles is left as it is; completes "FILE ".
struct ProfileFileFault: Error, Equatable {
    let what: String

    init(_ what: String) { self.what = what }
}
