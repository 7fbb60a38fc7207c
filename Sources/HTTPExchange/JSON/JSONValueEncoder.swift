/// Encodes into a tree of slots, which ``JSONWriter`` turns into text.
struct JSONValueEncoder: Encoder {
    /// A place for one value, which containers share until it is filled.
    final class Slot {
        enum Value {
            case null
            case bool(Bool)
            case number(String)
            case string(String)
            case array([Slot])
            case object([String: Slot])
        }

        var value = Value.null
    }

    let slot: Slot
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .object = slot.value {} else { slot.value = .object([:]) }
        return KeyedEncodingContainer(JSONObjectWriting<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array = slot.value {} else { slot.value = .array([]) }
        return JSONArrayWriting(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONScalarWriting(encoder: self)
    }

    /// The encoder of a new member.
    fileprivate func child(named key: any CodingKey) -> JSONValueEncoder {
        let child = Slot()
        if case .object(var members) = slot.value {
            slot.value = .null
            members[key.stringValue] = child
            slot.value = .object(members)
        }
        return JSONValueEncoder(slot: child, codingPath: codingPath + [key])
    }

    fileprivate var count: Int {
        guard case .array(let elements) = slot.value else { return 0 }
        return elements.count
    }

    /// The encoder of a new last element.
    fileprivate func child() -> JSONValueEncoder {
        let (child, key) = (Slot(), JSONKey(intValue: count))
        if case .array(var elements) = slot.value {
            slot.value = .null
            elements.append(child)
            slot.value = .array(elements)
        }
        return JSONValueEncoder(slot: child, codingPath: codingPath + [key])
    }
}

private struct JSONObjectWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil(forKey key: Key) { _ = encoder.child(named: key) }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        try value.encode(to: encoder.child(named: key))
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.child(named: key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.child(named: key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder.child(named: JSONKey(stringValue: "super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder.child(named: key) }
}

private struct JSONArrayWriting: UnkeyedEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.count }

    mutating func encodeNil() { _ = encoder.child() }

    mutating func encode(_ value: some Encodable) throws {
        try value.encode(to: encoder.child())
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.child().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.child().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder.child() }
}

private struct JSONScalarWriting: SingleValueEncodingContainer {
    let encoder: JSONValueEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.slot.value = .null }
    func encode(_ value: Bool) { encoder.slot.value = .bool(value) }
    func encode(_ value: String) { encoder.slot.value = .string(value) }

    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: codingPath, debugDescription: "JSON has finite numbers only"))
        }
        encoder.slot.value = .number(Int64(exactly: value).map { String($0) } ?? "\(value)")
    }

    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Int) { whole(value) }
    func encode(_ value: Int8) { whole(value) }
    func encode(_ value: Int16) { whole(value) }
    func encode(_ value: Int32) { whole(value) }
    func encode(_ value: Int64) { whole(value) }
    func encode(_ value: UInt) { whole(value) }
    func encode(_ value: UInt8) { whole(value) }
    func encode(_ value: UInt16) { whole(value) }
    func encode(_ value: UInt32) { whole(value) }
    func encode(_ value: UInt64) { whole(value) }
    func encode(_ value: some Encodable) throws { try value.encode(to: encoder) }

    private func whole(_ value: some FixedWidthInteger) { encoder.slot.value = .number(String(value)) }
}
