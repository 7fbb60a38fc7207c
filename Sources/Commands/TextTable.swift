import FoundationEssentials

/// Columns of text, as wide as their widest cell.
struct TextTable {
    private struct Cell {
        let text: String
        var colour: Colour?
        var width: Int { text.reduce(0) { $0 + TextTable.width(of: $1) } }
    }

    private static let gap = 2
    /// No column gets narrower than that for the sake of the others.
    private static let narrowest = 8
    private var rows: [[Cell]]

    init(header: [String]) {
        rows = header.isEmpty ? [] : [header.map { Cell(text: $0) }]
    }

    /// - Parameter colours: of the cells at those places, in ``lines(fitting:colours:)`` that has any.
    mutating func add(_ cells: [String], colours: [Int: Colour] = [:]) {
        rows.append(cells.enumerated().map { Cell(text: Self.printable($1), colour: colours[$0]) })
    }

    var lines: [String] { lines(fitting: nil) }

    /// - Parameter width: in columns of the terminal. What doesn't fit is cut from the widest cells, and `…` says so.
    func lines(fitting width: Int?, colours: Bool = false) -> [String] {
        let widths = widths(fitting: width)
        return rows.map { row in
            var line = ""
            var pending = 0
            for (cell, width) in zip(row, widths) {
                let text = Self.cut(cell.text, to: width)
                let used = text.reduce(0) { $0 + Self.width(of: $1) }
                if used > 0 {
                    line += String(repeating: " ", count: pending)
                    line += colours ? cell.colour?.applied(to: text) ?? text : text
                    pending = 0
                }
                pending += width - used + Self.gap
            }
            return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
        }
    }

    private func widths(fitting width: Int?) -> [Int] {
        let columns = rows.map(\.count).max() ?? 0
        var widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].width : 0 }.max() ?? 0
        }
        guard let width else { return widths }
        while widths.reduce(0, +) + Self.gap * (columns - 1) > width {
            guard let widest = widths.max(), widest > Self.narrowest, let place = widths.lastIndex(of: widest) else {
                break
            }
            widths[place] -= 1
        }
        return widths
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard text.reduce(0, { $0 + Self.width(of: $1) }) > width else { return text }
        var (kept, used) = ("", 0)
        for character in text {
            used += Self.width(of: character)
            if used >= width { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Two for East Asian wide characters and pictures, as terminals have it (Unicode Standard Annex #11).
    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        let isWide =
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                true
            default: false
            }
        return isWide ? 2 : 1
    }

    /// What others wrote must not steer the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}

/// Values as `--json` prints them.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
