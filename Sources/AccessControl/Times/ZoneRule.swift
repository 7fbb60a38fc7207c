/// What is so every year: standard time and perhaps summer time, as a `TZ` text says it (POSIX.1-2017 section 8.3, with the
/// hours of RFC 8536 section 3.3.1): `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Sendable, Equatable {
    /// When summer time begins or ends.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// 1...12, 1...5 where 5 is the last, 0...6 from Sunday.
            case weekday(month: Int, week: Int, day: Int)
            /// 1...365; the 29th of February is never counted.
            case julian(Int)
            /// 0...365
            case ordinal(Int)
        }

        let day: Day
        /// Seconds from midnight by the clocks before the change; may lie in another day.
        let time: Int
    }

    struct SummerTime: Sendable, Equatable {
        let offset: Int
        let start: Change
        let end: Change
    }

    /// Seconds ahead of UTC.
    let standard: Int
    let summer: SummerTime?

    /// The end of the year 9999; what lies after it, or before 1970, counts as the nearest of these instants.
    private static let lastInstant: Int64 = 253_402_300_799

    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standard }
        let instant = Int(min(max(seconds, 0), Self.lastInstant))
        let year = Self.year(ofDay: max(0, instant + standard) / 86_400)
        let start = summer.start.seconds(in: year) - standard
        let end = summer.end.seconds(in: year) - summer.offset
        let isSummer = start < end ? start <= instant && instant < end : !(end <= instant && instant < start)
        return isSummer ? summer.offset : standard
    }

    private static func year(ofDay days: Int) -> Int {
        // No year has more than 366 days, so this is never too late, and then at most some years too early.
        var year = 1970 + days / 366
        while ScalarText.daysSince1970(year + 1, 1, 1) <= days { year += 1 }
        return year
    }
}

extension ZoneRule.Change {
    /// Seconds since 1970 by the clocks before the change.
    func seconds(in year: Int) -> Int {
        dayNumber(in: year) * 86_400 + time
    }

    private func dayNumber(in year: Int) -> Int {
        let newYear = ScalarText.daysSince1970(year, 1, 1)
        switch day {
        case .ordinal(let day): return newYear + day
        case .julian(let day):
            let isLeap = ScalarText.daysSince1970(year + 1, 1, 1) - newYear == 366
            return newYear + day - (isLeap && day >= 60 ? 0 : 1)
        case .weekday(let month, let week, let day):
            let first = ScalarText.daysSince1970(year, month, 1)
            let next =
                month == 12 ? ScalarText.daysSince1970(year + 1, 1, 1) : ScalarText.daysSince1970(year, month + 1, 1)
            // 1970-01-01 was a Thursday. The sum may be negative, `%` too.
            let weekday = ((first + 4) % 7 + 7) % 7
            var number = first + (day - weekday + 7) % 7 + (week - 1) * 7
            if number >= next { number -= 7 }
            return number
        }
    }
}
