extension ZoneRule {
    /// Reads the whole text, or fails.
    init(_ text: String) throws(UnreadableZone) {
        var scanner = RuleScanner(text)
        guard let rule = scanner.rule() else { throw UnreadableZone("has an unreadable rule for the years to come") }
        self = rule
    }
}

/// Reads a `TZ` text from its beginning; every part gives `nil` if it isn't there.
private struct RuleScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    mutating func rule() -> ZoneRule? {
        guard name(), let west = time(hours: 24) else { return nil }
        let standard = -west
        if rest.isEmpty { return ZoneRule(standard: standard, summer: nil) }
        guard name() else { return nil }
        var offset = standard + 3600
        if let next = rest.first, next != UInt8(ascii: ",") {
            guard let west = time(hours: 24) else { return nil }
            offset = -west
        }
        guard take(","), let start = change(), take(","), let end = change(), rest.isEmpty else { return nil }
        return ZoneRule(standard: standard, summer: .init(offset: offset, start: start, end: end))
    }

    /// Three letters or more, or anything of letters, digits and signs in angle brackets.
    private mutating func name() -> Bool {
        let isQuoted = take("<")
        let name = rest.prefix { byte in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || isQuoted && (isDigit(byte) || "+-".utf8.contains(byte))
        }
        guard name.count >= 3 else { return false }
        rest = rest.dropFirst(name.count)
        return !isQuoted || take(">")
    }

    /// `[+-]H[H[H]][:MM[:SS]]`, in seconds.
    private mutating func time(hours most: Int) -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var seconds = number(atMost: most).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where take(":") {
            guard let part = number(atMost: 59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    private mutating func change() -> ZoneRule.Change? {
        guard let day = day() else { return nil }
        guard take("/") else { return ZoneRule.Change(day: day, time: 7200) }
        return time(hours: 167).map { ZoneRule.Change(day: day, time: $0) }
    }

    private mutating func day() -> ZoneRule.Change.Day? {
        if take("J") { return number(atMost: 365).flatMap { $0 >= 1 ? .julian($0) : nil } }
        guard take("M") else { return number(atMost: 365).map { .ordinal($0) } }
        guard let month = number(atMost: 12), take("."), let week = number(atMost: 5), take("."),
            let day = number(atMost: 6), month >= 1, week >= 1
        else { return nil }
        return .weekday(month: month, week: week, day: day)
    }

    /// One to three digits.
    private mutating func number(atMost most: Int) -> Int? {
        let digits = rest.prefix(while: isDigit)
        guard (1...3).contains(digits.count) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard number <= most else { return nil }
        rest = rest.dropFirst(digits.count)
        return number
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }
}
