import CYAML

/// libyaml's reading of a text, one event at a time.
final class YAMLEvents {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    /// The parser reads from here until it is deleted.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String

    /// - Parameter file: the name to use in errors.
    init(_ text: String, file: String) throws(InvalidYAML) {
        self.file = file
        input = UnsafeMutableBufferPointer.allocate(capacity: text.utf8.count)
        _ = input.initialize(from: text.utf8)
        guard yaml_parser_initialize(parser) == 1 else {
            input.deallocate()
            parser.deallocate()
            throw InvalidYAML(file: file, position: nil, message: "can't be read: no memory")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// After the end of the stream there is no next one.
    func next() throws(InvalidYAML) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private var problem: InvalidYAML {
        let (failure, mark) = (parser.pointee, SourcePosition(parser.pointee.problem_mark))
        let text = failure.problem.map { String(cString: $0) }
        // The reader, before the scanner, knows no lines.
        let position = failure.error == YAML_SCANNER_ERROR || failure.error == YAML_PARSER_ERROR ? mark : nil
        return InvalidYAML(
            file: file, position: position, message: text.map { "is not YAML: \($0)" } ?? "is not YAML")
    }
}

/// What the composer needs of `yaml_event_t`.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case scalar(text: String, isQuoted: Bool)
        case alias(String)
    }

    let kind: Kind
    let position: SourcePosition
    var anchor: String?
    var tag: String?

    fileprivate init(_ event: yaml_event_t) {
        position = SourcePosition(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isQuoted = scalar.style != YAML_PLAIN_SCALAR_STYLE && scalar.style != YAML_ANY_SCALAR_STYLE
            kind = .scalar(text: String(decoding: bytes, as: UTF8.self), isQuoted: isQuoted)
            (anchor, tag) = (Self.text(scalar.anchor), Self.text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            (anchor, tag) = (Self.text(event.data.sequence_start.anchor), Self.text(event.data.sequence_start.tag))
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            (anchor, tag) = (Self.text(event.data.mapping_start.anchor), Self.text(event.data.mapping_start.tag))
        case YAML_ALIAS_EVENT: kind = .alias(Self.text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_STREAM_START_EVENT: kind = .streamStart
        default: kind = .streamEnd
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}

extension SourcePosition {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
