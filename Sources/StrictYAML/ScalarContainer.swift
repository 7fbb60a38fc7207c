/// Reads one value from the text of a scalar. Quoted or not, text is text: `account: 012345678901` stays as written.
struct ScalarContainer: SingleValueDecodingContainer {
    let decoder: NodeDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.node.isNull }

    func decode(_ type: String.Type) throws -> String { try text(of: "text") }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch try text(of: "true or false") {
        case "true": true
        case "false": false
        default: throw decoder.invalid("must be true or false")
        }
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = Double(try text(of: "a number")), number.isFinite else {
            throw decoder.invalid("must be a number")
        }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try Value(from: decoder)
        } catch {
            throw decoder.relocated(error)
        }
    }

    private func integer<Value: FixedWidthInteger>() throws -> Value {
        guard let number = Value(try text(of: "a whole number")) else {
            throw decoder.invalid("must be a whole number of \(Value.min) to \(Value.max)")
        }
        return number
    }

    private func text(of expectation: String) throws -> String {
        guard case .scalar(let text, _, _) = decoder.node, !decoder.node.isNull else {
            throw decoder.mismatch(expected: expectation)
        }
        return text
    }
}
