/// The fields of an `application/x-www-form-urlencoded` body or of a query string, in the order they came.
package struct FormParameters: Sendable, Equatable {
    /// Why a text is no list of form fields, or a field not usable.
    package enum Malformed: Error, Equatable, CustomStringConvertible {
        /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
        case encoding(String)
        case repeated(String)
        case missing(String)

        package var description: String {
            switch self {
            case .encoding(let field): "the form field '\(field)' is not percent-encoded UTF-8"
            case .repeated(let name): "the parameter '\(name)' is given more than once"
            case .missing(let name): "the parameter '\(name)' is missing"
            }
        }
    }

    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var fields: [Field]

    package init(fields: [Field]) {
        self.fields = fields
    }

    /// Reads `a=b&c=d`; `+` is a space (WHATWG URL, "application/x-www-form-urlencoded parsing").
    package init(parsing text: some StringProtocol) throws(Malformed) {
        var fields: [Field] = []
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let rawName = sides.first else { continue }
            let rawValue = sides.count > 1 ? sides[1] : rawName[rawName.endIndex...]
            guard let name = PercentEncoding.decoded(rawName, plusIsSpace: true),
                let value = PercentEncoding.decoded(rawValue, plusIsSpace: true)
            else {
                throw .encoding(String(String(decoding: rawName, as: UTF8.self).prefix(64)))
            }
            fields.append(Field(name: name, value: value))
        }
        self.fields = fields
    }

    /// The value of a field that may be left out; an empty value counts as left out (RFC 6749 section 3.1).
    package func optional(_ name: String) throws(Malformed) -> String? {
        let values = fields.filter { $0.name == name }
        guard values.count <= 1 else { throw .repeated(name) }
        guard let value = values.first?.value, !value.isEmpty else { return nil }
        return value
    }

    package func required(_ name: String) throws(Malformed) -> String {
        guard let value = try optional(name) else { throw .missing(name) }
        return value
    }

    /// The fields as a query string, for redirects.
    package var encoded: String {
        fields.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }
            .joined(separator: "&")
    }
}
