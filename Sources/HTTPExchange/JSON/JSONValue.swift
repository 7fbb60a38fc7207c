/// Any JSON value.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As it was written, which keeps what no `Double` can hold.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// The name of a member, or an element's place.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}
