import Credentials
import StrictYAML

/// A claim as an ID token might have it: of any kind. Without quotes, `true` is a Boolean and `3` a number.
struct ClaimField: Decodable {
    let value: ClaimValue

    /// Fails for nothing, too: that is a claim which isn't there.
    init(from decoder: any Decoder) throws {
        value = try ClaimPart(from: decoder).value
        guard value != .null else {
            throw decoder.refusal("must have a value; leave out a claim that is missing")
        }
    }
}

/// A claim, or what is in it.
private struct ClaimPart: Decodable {
    let value: ClaimValue

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if try decoder.singleValueContainer().decodeNil() {
            value = .null
        } else if (try? decoder.unkeyedContainer()) != nil {
            value = .array(try [ClaimPart](from: decoder).map(\.value))
        } else if (try? decoder.container(keyedBy: AnyKey.self)) != nil {
            value = .object(try [String: ClaimPart](from: decoder).mapValues(\.value))
        } else {
            switch try TypedScalar(from: decoder) {
            case .text(let text): value = .string(text)
            case .number(let number): value = .number(number)
            case .flag(let flag): value = .bool(flag)
            }
        }
    }
}
