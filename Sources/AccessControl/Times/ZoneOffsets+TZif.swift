/// Why bytes are no time zone.
package struct UnreadableZone: Error, Equatable, CustomStringConvertible {
    /// Completes the sentence "The file …".
    package let description: String

    init(_ problem: String) { description = problem }
}

extension ZoneOffsets {
    /// Reads a whole TZif file of version 1 to 4 (RFC 8536; RFC 9636), strictly. One that counts leap seconds is refused: the
    /// system's clock doesn't.
    package init(tzif bytes: [UInt8]) throws(UnreadableZone) {
        var reader = TZifReader(bytes)
        let short = try reader.header()
        guard short.version > 0 else {
            let block = try reader.block(short, timeBytes: 4)
            guard reader.isAtEnd else { throw UnreadableZone("has something behind its end") }
            self.init(changes: block.changes, first: block.first, rule: nil)
            return
        }
        // What programs of the last century read; it ends in 2038.
        try reader.skip(short.bytes(timeBytes: 4))
        let header = try reader.header()
        let block = try reader.block(header, timeBytes: 8)
        let footer = try reader.footer()
        self.init(changes: block.changes, first: block.first, rule: footer.isEmpty ? nil : try ZoneRule(footer))
    }
}

/// Takes a TZif file apart, section by section.
private struct TZifReader {
    struct Header {
        let version: Int
        let universalFlags, standardFlags, leapSeconds, times, types, characters: Int

        /// Of the data block behind it.
        func bytes(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leapSeconds * (timeBytes + 4) + standardFlags
                + universalFlags
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// RFC 8536 section 3.1.
    mutating func header() throws(UnreadableZone) -> Header {
        guard try take(4).elementsEqual("TZif".utf8) else { throw UnreadableZone("is no TZif file") }
        let version: Int
        switch try take(1).first {
        case 0: version = 0
        case let digit? where (UInt8(ascii: "2")...UInt8(ascii: "4")).contains(digit): version = Int(digit - 0x30)
        default: throw UnreadableZone("has an unknown version")
        }
        _ = try take(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = try number(4)
            // The largest that tzdata has are in the hundreds.
            guard (0...20_000).contains(count) else { throw UnreadableZone("has a count that can't be meant") }
            counts.append(Int(count))
        }
        return Header(
            version: version, universalFlags: counts[0], standardFlags: counts[1], leapSeconds: counts[2],
            times: counts[3], types: counts[4], characters: counts[5])
    }

    /// RFC 8536 section 3.2.
    mutating func block(
        _ header: Header, timeBytes: Int
    ) throws(UnreadableZone) -> (changes: [(from: Int64, offset: Int)], first: Int) {
        guard header.leapSeconds == 0 else { throw UnreadableZone("counts leap seconds") }
        guard header.types > 0, header.characters > 0,
            [0, header.types].contains(header.standardFlags), [0, header.types].contains(header.universalFlags)
        else { throw UnreadableZone("has counts that don't fit each other") }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try number(timeBytes)) }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw UnreadableZone("has changes out of order")
        }
        let indices = try take(header.times)
        var offsets: [Int] = []
        for _ in 0..<header.types { offsets.append(try type(characters: header.characters)) }
        guard indices.allSatisfy({ Int($0) < offsets.count }) else { throw UnreadableZone("names a type it hasn't") }
        try skip(header.characters + header.standardFlags + header.universalFlags)
        return (zip(times, indices).map { ($0, offsets[Int($1)]) }, offsets[0])
    }

    /// A `ttinfo`: offset, whether it is summer time, and where its abbreviation begins. Offsets are those of real zones,
    /// within 26 hours (RFC 8536 advises -25 to 26).
    private mutating func type(characters: Int) throws(UnreadableZone) -> Int {
        let offset = try number(4)
        let flags = Array(try take(2))
        guard (-93_600...93_600).contains(offset), flags[0] <= 1, Int(flags[1]) < characters else {
            throw UnreadableZone("has a type that can't be meant")
        }
        return Int(offset)
    }

    /// RFC 8536 section 3.3; empty if nothing is known of the time after the last change.
    mutating func footer() throws(UnreadableZone) -> String {
        let line = UInt8(ascii: "\n")
        guard rest.count >= 2, rest.first == line, rest.last == line else { throw UnreadableZone("has no footer") }
        let text = rest.dropFirst().dropLast()
        guard text.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw UnreadableZone("has an unreadable footer") }
        rest = []
        return String(decoding: text, as: UTF8.self)
    }

    mutating func skip(_ count: Int) throws(UnreadableZone) { _ = try take(count) }

    private mutating func take(_ count: Int) throws(UnreadableZone) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw UnreadableZone("ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Two's complement, the highest byte first.
    private mutating func number(_ bytes: Int) throws(UnreadableZone) -> Int64 {
        let taken = try take(bytes)
        let start: Int64 = (taken.first ?? 0) >= 0x80 ? -1 : 0
        return taken.reduce(start) { $0 << 8 | Int64($1) }
    }
}
