/// A document of any shape, as data that a program moves about without knowing what it means. Scalars are texts.
package indirect enum PlainValue: Sendable, Equatable {
    case null
    case text(String)
    case list([PlainValue])
    /// In the document's order; no key stands twice.
    case mapping([Pair])

    package struct Pair: Sendable, Equatable {
        package let key: String
        package let value: PlainValue

        package init(_ key: String, _ value: PlainValue) {
            self.key = key
            self.value = value
        }
    }

    /// What `key` leads to; `nil` if this is no mapping, or has no such key.
    package subscript(key: String) -> PlainValue? {
        guard case .mapping(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    init(_ node: YAMLNode) {
        switch node {
        case .scalar(let text, _, _): self = node.isNull ? .null : .text(text)
        case .sequence(let elements, _): self = .list(elements.map { PlainValue($0) })
        case .mapping(let entries, _): self = .mapping(entries.map { Pair($0.key, PlainValue($0.value)) })
        }
    }
}

extension PlainValue: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .text(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .list(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .mapping(let pairs):
            var container = encoder.container(keyedBy: Key.self)
            for pair in pairs { try container.encode(pair.value, forKey: Key(stringValue: pair.key)) }
        }
    }
}

extension StrictYAML {
    /// A YAML document as it is.
    package static func plainValue(of text: String, file: String) throws(InvalidYAML) -> PlainValue {
        var composer = try YAMLComposer(text, file: file)
        return PlainValue(try composer.document())
    }

    /// A JSON document as it is.
    package static func plainValue(ofJSON bytes: [UInt8], file: String) throws(InvalidYAML) -> PlainValue {
        var composer = JSONComposer(bytes, file: file)
        return PlainValue(try composer.document())
    }
}
