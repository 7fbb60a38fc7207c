import BrokerAPI
import FoundationEssentials
import Hummingbird
import NIOCore

enum RequestBodyLimit {
    /// Far over every call's body; inline policies have at most 2,048 characters.
    static let bytes = 64 * 1024
}

/// Reads a request's body strictly: one JSON object with known keys and the right types.
enum JSONRequest {
    /// Fails with a ``Problem`` that names the key. `allowsNoContentType` is for old clients that send none.
    static func decode<Call: Decodable, Key: CodingKey & CaseIterable>(
        _ type: Call.Type, keys: Key.Type, from request: Request, allowsNoContentType: Bool = false
    ) async throws -> Call {
        try checkContentType(request.headers[.contentType], allowsNone: allowsNoContentType)
        let data = try await body(of: request)
        do {
            let decoder = JSONDecoder()
            let list = try decoder.decode(KeyList.self, from: data)
            if let unknown = list.keys.first(where: { Key(stringValue: $0) == nil }) {
                throw Problem.invalidRequest("Unknown key \"\(excerpt(unknown))\"; known are \(known(Key.self)).")
            }
            if let unfit = list.unfitNumbers.first {
                throw Problem.invalidRequest("The key \"\(unfit)\" must be a whole number of at most 64 bits.")
            }
            return try decoder.decode(Call.self, from: data)
        } catch let error as DecodingError {
            throw Problem.invalidRequest(explanation(of: error))
        }
    }

    /// A whole body of JSON that another decoder reads.
    static func bytes(of request: Request) async throws -> [UInt8] {
        try checkContentType(request.headers[.contentType], allowsNone: false)
        return Array(try await body(of: request))
    }

    /// Anything but too long a body means that the client has gone in the middle of it.
    private static func body(of request: Request) async throws -> Data {
        do {
            return Data(try await request.body.collect(upTo: RequestBodyLimit.bytes).readableBytesView)
        } catch  where !(error is NIOTooManyBytesError || error is any HTTPResponseError) {
            throw Problem.invalidRequest("The body ends before its announced length.")
        }
    }

    private static func checkContentType(_ value: String?, allowsNone: Bool) throws {
        if value == nil, allowsNone { return }
        let mediaType = value?.split(separator: ";").first?.split(separator: " ").first?.lowercased()
        guard mediaType == "application/json" else {
            throw Problem(
                .init(
                    status: 415, code: .unsupportedMediaType, detail: "Send the body as application/json."))
        }
    }

    private static func explanation(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "The key \"\(key.stringValue)\" is missing."
        case .typeMismatch(let type, let context): "\(subject(context)) must be \(name(of: type))."
        case .valueNotFound(let type, let context): "\(subject(context)) must be \(name(of: type)), not null."
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(subject(context)) is out of range, or nested too deeply."
        case .dataCorrupted: "The body is not well-formed JSON."
        @unknown default: "The body is not what this call takes."
        }
    }

    private static func subject(_ context: DecodingError.Context) -> String {
        guard let key = context.codingPath.last else { return "The body" }
        return "The key \"\(excerpt(key.stringValue))\""
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is any BinaryInteger.Type: "a whole number"
        default: "of another type: the body is one JSON object"
        }
    }

    private static func known<Key: CodingKey & CaseIterable>(_ type: Key.Type) -> String {
        Key.allCases.map { "\"\($0.stringValue)\"" }.joined(separator: ", ")
    }
}

/// At most 64 characters without control characters.
func excerpt(_ text: String) -> String {
    let printable = text.unicodeScalars.prefix(64).map { scalar in
        scalar.properties.generalCategory == .control ? "?" : Character(scalar)
    }
    return String(printable)
}

/// The keys of a JSON object, whatever they are.
private struct KeyList: Decodable {
    let keys: [String]
    /// The keys whose values are numbers that no call takes; JSONDecoder's own error doesn't say where they are.
    let unfitNumbers: [String]

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        keys = container.allKeys.map(\.stringValue).sorted()
        unfitNumbers =
            container.allKeys.filter { key in
                (try? container.decode(Double.self, forKey: key)) != nil
                    && (try? container.decode(Int.self, forKey: key)) == nil
            }.map(\.stringValue)
    }
}
