import FoundationEssentials

/// Reads JSON objects of the control endpoint; a key that nobody knows is a mistake to be told about.
enum StrictJSON {
    /// What is wrong with a body, in one sentence.
    struct Malformed: Error {
        var message: String
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], keys: [String]
    ) throws(Malformed) -> Value {
        let data = Data(bytes)
        do {
            let present = try JSONDecoder().decode(Keys.self, from: data).names
            if let unknown = present.first(where: { !keys.contains($0) }) {
                throw Malformed(message: "unknown key '\(unknown)'; known are \(keys.joined(separator: ", "))")
            }
            return try JSONDecoder().decode(type, from: data)
        } catch let error as Malformed {
            throw error
        } catch let error as DecodingError {
            throw Malformed(message: describe(error))
        } catch {
            throw Malformed(message: "the body is no JSON object")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(path(context)) has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: "\(path(context)) has no known value"
        default: "the body is no JSON object"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
        return keys.isEmpty ? "the body" : "'\(keys)'"
    }

    private struct Keys: Decodable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
        }
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
