import AccessControl
package import Hummingbird

/// The addresses from which proxies say that a request comes: in `X-Forwarded-For`, and in its successor `Forwarded` (RFC 7239).
package struct ForwardedAddresses: Sendable, Equatable {
    /// More than proxies write. What is longer can't be used.
    private static let mostBytes = 4096

    /// What each of the two headers says that is there: the word of the nearest proxy last, `nil` for what is no address.
    let chains: [[SourceAddress?]]

    package init(_ headers: HTTPFields) {
        func fields(_ name: String) -> [String] { headers.filter { $0.name.canonicalName == name }.map(\.value) }
        self.init(xForwardedFor: fields("x-forwarded-for"), forwarded: fields("forwarded"))
    }

    /// - Parameters:
    ///   - xForwardedFor: the values of all fields of that name, in order.
    ///   - forwarded: likewise.
    package init(xForwardedFor: [String] = [], forwarded: [String] = []) {
        chains = [
            Self.chain(xForwardedFor) { field in
                field.split(separator: ",", omittingEmptySubsequences: false).map { Self.address(in: $0) }
            },
            Self.chain(forwarded) { ForwardedElements.addresses(in: $0) },
        ].compactMap(\.self)
    }

    private static func chain(_ fields: [String], _ read: (String) -> [SourceAddress?]) -> [SourceAddress?]? {
        guard !fields.isEmpty else { return nil }
        guard fields.reduce(0, { $0 + $1.utf8.count }) <= mostBytes else { return [nil] }
        return fields.flatMap(read)
    }

    /// Some proxies add the port, and then brackets around IPv6.
    static func address(in hop: Substring) -> SourceAddress? {
        let text = hop.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        if text.hasPrefix("[") { return SourceAddress(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return SourceAddress(parts.count == 2 ? parts[0] : text)
    }
}

/// Reads one `Forwarded` field: elements with commas between them, pairs of a name and a value with semicolons between them (RFC
/// 7239, section 4). Values without quotes may have any sign that separates nothing, since proxies write addresses with a port so.
private struct ForwardedElements {
    private struct Element {
        let address: SourceAddress?
    }

    private var rest: Substring.UTF8View

    /// What each element says of `for`; a single `nil` if the field isn't well-formed, since nobody knows where its elements begin.
    static func addresses(in field: String) -> [SourceAddress?] {
        var elements = ForwardedElements(rest: Substring(field).utf8)
        var addresses: [SourceAddress?] = []
        repeat {
            guard let element = elements.next() else { return [nil] }
            addresses.append(element.address)
        } while elements.take(",")
        return elements.rest.isEmpty ? addresses : [nil]
    }

    private mutating func next() -> Element? {
        var node: String?
        repeat {
            skipBlanks()
            let name = text { $0 != UInt8(ascii: "=") && !Self.separators.contains($0) }.lowercased()
            guard !name.isEmpty else { continue }
            guard take("="), let value = value(), name != "for" || node == nil else { return nil }
            if name == "for" { node = value }
            skipBlanks()
        } while take(";")
        return Element(address: node.flatMap { ForwardedAddresses.address(in: $0[...]) })
    }

    private mutating func value() -> String? {
        guard take("\"") else {
            let value = text { !Self.separators.contains($0) }
            return value.isEmpty ? nil : value
        }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static let separators = Set(" \t,;\"".utf8)

    private mutating func text(while fits: (UInt8) -> Bool) -> String {
        let bytes = rest.prefix(while: fits)
        rest = rest[bytes.endIndex...]
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest.removeFirst()
        return true
    }
}
