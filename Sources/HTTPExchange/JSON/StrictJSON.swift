/// JSON (RFC 8259) for `Codable` types, in bytes that strangers may have written. It is our own so that the daemon need not
/// link the seven megabytes that FoundationEssentials' coders bring along.
package enum StrictJSON {
    /// `nil` if it is not JSON of that shape, nested deeper than 16 levels, or if an object has a name twice.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Collection<UInt8>) -> Value? {
        let bytes = Array(bytes)
        guard let value = bytes.withUnsafeBufferPointer({ JSONReader.value(in: $0) }) else { return nil }
        return try? Value(from: JSONValueDecoder(value: value, codingPath: []))
    }

    /// The value with its objects' members in the order of their names; `nil` if one of its numbers is not finite or its
    /// type refuses.
    package static func encode(_ value: some Encodable) -> [UInt8]? {
        let root = JSONValueEncoder.Slot()
        guard (try? value.encode(to: JSONValueEncoder(slot: root, codingPath: []))) != nil else { return nil }
        var bytes: [UInt8] = []
        JSONWriter.append(root.value, to: &bytes)
        return bytes
    }
}
