/// A single value whose kind counts, as it does in JSON. Without quotes, `true` and `false` are Booleans, and what is a
/// number to JSON (RFC 8259, section 6) is one: `3`, but not `03`. All else is text, as each single value is elsewhere.
package enum TypedScalar: Sendable, Equatable {
    case text(String)
    case number(Double)
    case flag(Bool)
}

extension TypedScalar: Decodable {
    /// Fails for what is no single value, for nothing, and for a number that double precision can't hold. What an
    /// environment variable has is text.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let decoder = decoder as? NodeDecoder, case .scalar(let plain, isQuoted: false, _) = decoder.node else {
            self = .text(text)
            return
        }
        switch plain {
        case "true": self = .flag(true)
        case "false": self = .flag(false)
        case _ where JSONComposer.isNumber(plain.utf8[...]):
            guard let number = Double(plain), number.isFinite else {
                throw decoder.invalid("must be a number that double precision can hold")
            }
            self = .number(number)
        default: self = .text(plain)
        }
    }
}
