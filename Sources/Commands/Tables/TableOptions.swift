import ArgumentParser

/// How a list is shown; the original's flags.
struct TableOptions: ParsableArguments {
    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table, csv, json, yaml
    }

    @Option(help: ArgumentHelp("Only these columns, parted by commas.", valueName: "names"))
    var columns: String?

    @Flag(help: "The same as --output=csv.")
    var csv = false

    @Flag(name: [.customShort("x"), .long], help: "Show more columns.")
    var extended = false

    @Option(
        help: ArgumentHelp(
            "Only rows that have the text in that column, in any case of letters.", valueName: "column=text"))
    var filter: String?

    @Flag(help: "Leave the header out.")
    var noHeader = false

    @Flag(help: "Don't cut what doesn't fit the terminal.")
    var noTruncate = false

    @Option(help: "table, csv, json or yaml.")
    var output = Output.table

    @Option(help: ArgumentHelp("Sort by that column; with - in front from the last to the first.", valueName: "column"))
    var sort: String?
}

/// Rows of named columns, from which ``TableOptions`` choose.
struct DataTable {
    struct Column {
        let name: String
        /// Shown with `--extended`, or if it is asked for by name.
        var isExtra = false
    }

    let columns: [Column]
    var rows: [[String]]
}

/// A table can't be shown as it was asked for; a sentence.
struct TableFault: Error, Equatable {
    let message: String
}

extension DataTable {
    /// - Parameter width: of the terminal, if there is one.
    func text(_ options: TableOptions, width: Int?) throws(TableFault) -> String {
        var chosen = self
        try chosen.filter(options.filter)
        try chosen.sort(options.sort)
        let places = try chosen.places(options)
        let names = places.map { columns[$0].name }
        let rows = chosen.rows.map { row in places.map { row[$0] } }
        switch options.csv ? .csv : options.output {
        case .table: return Self.table(names, rows, options, width)
        case .csv: return ((options.noHeader ? [] : [names]) + rows).map(CSVText.line).joined(separator: "\n")
        case .json:
            let objects = rows.map { Dictionary(zip(names, $0)) { first, _ in first } }
            return (try? JSONText.of(objects)) ?? "[]"
        case .yaml: return Self.yaml(names, rows)
        }
    }

    private static func table(_ names: [String], _ rows: [[String]], _ options: TableOptions, _ width: Int?) -> String {
        var table = TextTable(header: options.noHeader ? [] : names.map { $0.uppercased() })
        for row in rows { table.add(row) }
        return table.lines(fitting: options.noTruncate ? nil : width).joined(separator: "\n")
    }

    /// Each value as JSON has it, which is YAML.
    private static func yaml(_ names: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "[]" }
        return rows.map { row in
            zip(names, row).enumerated().map { index, pair in
                "\(index == 0 ? "-" : " ") \(pair.0): \((try? JSONText.of(pair.1)) ?? "\"\"")"
            }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func places(_ options: TableOptions) throws(TableFault) -> [Int] {
        guard let names = options.columns else {
            return columns.indices.filter { options.extended || !columns[$0].isExtra }
        }
        var places: [Int] = []
        for name in names.split(separator: ",") { places.append(try place(of: name)) }
        return places
    }

    private func place(of name: some StringProtocol) throws(TableFault) -> Int {
        let wanted = name.lowercased().filter { $0 != " " }
        guard let place = columns.firstIndex(where: { $0.name == wanted }) else {
            throw TableFault(
                message: "There is no column \(name); there are \(columns.map(\.name).joined(separator: ", ")).")
        }
        return place
    }

    private mutating func filter(_ filter: String?) throws(TableFault) {
        guard let filter else { return }
        let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw TableFault(message: "A filter is column=text.") }
        let place = try place(of: parts[0])
        rows = rows.filter { parts[1].isEmpty || $0[place].lowercased().contains(parts[1].lowercased()) }
    }

    /// Numbers by their size, texts by their letters; rows that are equal stay in order.
    private mutating func sort(_ column: String?) throws(TableFault) {
        guard let column else { return }
        let isDescending = column.hasPrefix("-")
        let place = try place(of: isDescending ? column.dropFirst() : column[...])
        let sorted = rows.enumerated().sorted { left, right in
            let (a, b) = (left.element[place], right.element[place])
            let isBefore = if let a = Int(a), let b = Int(b) { a < b } else { a < b }
            let isAfter = if let a = Int(a), let b = Int(b) { a > b } else { a > b }
            return isBefore || isAfter ? isBefore != isDescending : left.offset < right.offset
        }
        rows = sorted.map(\.element)
    }
}

/// RFC 4180.
enum CSVText {
    static func line(_ fields: [String]) -> String {
        fields.map { field in
            let isPlain = !field.contains { ",\"\r\n".contains($0) || $0 == "\r\n" }
            return isPlain ? field : "\"\(field.replacing("\"", with: "\"\""))\""
        }.joined(separator: ",")
    }
}
