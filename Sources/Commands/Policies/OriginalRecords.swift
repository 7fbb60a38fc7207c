import StrictYAML

/// The items of one of the original system's tables, in whatever form they were taken out: a list in JSON or YAML, JSON lines,
/// DynamoDB's export (`{"Item": …}` a line) or the output of `aws dynamodb scan` (`{"Items": […]}`), with or without its types.
enum OriginalRecords {
    /// Fails with one sentence that names the place.
    static func read(_ bytes: [UInt8], file: String) throws(ImportFault) -> [PlainValue] {
        var records: [PlainValue] = []
        for (index, document) in try documents(bytes, file: file).enumerated() {
            for record in items(of: document) {
                guard case .mapping(let pairs) = record else {
                    throw ImportFault("\(file): item \(records.count + 1) of part \(index + 1) is no object")
                }
                records.append(try isTyped(pairs) ? untyped(.mapping(pairs.map { $0 }), isItem: true, file) : record)
            }
        }
        return records
    }

    private static func documents(_ bytes: [UInt8], file: String) throws(ImportFault) -> [PlainValue] {
        let start = bytes.first { !" \t\r\n".utf8.contains($0) }
        do throws(InvalidYAML) {
            guard start == UInt8(ascii: "{") || start == UInt8(ascii: "[") else {
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw InvalidYAML(file: file, position: nil, message: "is not UTF-8 text")
                }
                return [try StrictYAML.plainValue(of: text, file: file)]
            }
            if let whole = try? StrictYAML.plainValue(ofJSON: bytes, file: file) { return [whole] }
            return try lines(bytes, file: file)
        } catch {
            throw ImportFault(error.description)
        }
    }

    /// One document a line; what is neither that nor one document is told as the latter.
    private static func lines(_ bytes: [UInt8], file: String) throws(InvalidYAML) -> [PlainValue] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
            .filter { !$0.allSatisfy { " \t\r".utf8.contains($0) } }
        guard lines.count > 1, lines.allSatisfy({ $0.first == UInt8(ascii: "{") }) else {
            return [try StrictYAML.plainValue(ofJSON: bytes, file: file)]
        }
        var documents: [PlainValue] = []
        for (index, line) in lines.enumerated() {
            documents.append(try StrictYAML.plainValue(ofJSON: Array(line), file: "\(file), part \(index + 1)"))
        }
        return documents
    }

    private static func items(of document: PlainValue) -> [PlainValue] {
        if case .list(let elements) = document { return elements.flatMap(items) }
        if case .list(let elements)? = document["Items"] { return elements }
        if let item = document["Item"] { return [item] }
        return [document]
    }

    private static let types: Set<String> = ["S", "N", "BOOL", "NULL", "L", "M", "SS", "NS", "B", "BS"]

    /// Whether each attribute says its type, as in `{"risk": {"N": "10"}}`.
    private static func isTyped(_ pairs: [PlainValue.Pair]) -> Bool {
        !pairs.isEmpty
            && pairs.allSatisfy { pair in
                guard case .mapping(let inner) = pair.value, inner.count == 1 else { return false }
                return types.contains(inner[0].key)
            }
    }

    /// - Parameter isItem: whether its attributes say their types, and not it.
    private static func untyped(
        _ value: PlainValue, isItem: Bool = false, _ file: String
    ) throws(ImportFault) -> PlainValue {
        guard case .mapping(let pairs) = value else { throw ImportFault("\(file): a value without DynamoDB's type") }
        if isItem {
            var plain: [PlainValue.Pair] = []
            for pair in pairs { plain.append(.init(pair.key, try untyped(pair.value, file))) }
            return .mapping(plain)
        }
        guard pairs.count == 1, let pair = pairs.first else {
            throw ImportFault("\(file): a value without DynamoDB's type")
        }
        switch (pair.key, pair.value) {
        case ("S", .text), ("N", .text), ("BOOL", .text), ("SS", .list), ("NS", .list): return pair.value
        case ("NULL", _): return .null
        case ("L", .list(let elements)):
            var plain: [PlainValue] = []
            for element in elements { plain.append(try untyped(element, file)) }
            return .list(plain)
        case ("M", .mapping): return try untyped(pair.value, isItem: true, file)
        default: throw ImportFault("\(file): a value of DynamoDB's type \"\(pair.key)\", which no attribute has")
        }
    }
}

/// Why tables can't be imported, one sentence.
struct ImportFault: Error, Equatable {
    let what: String

    init(_ what: String) { self.what = what }
}
