import FoundationEssentials

/// Hours of some days of the week, by the clocks of one time zone.
package struct AllowedTime: Codable, Sendable, Hashable {
    /// `Monday` … `Sunday`: those on which the hours begin.
    package let days: [String]
    /// `HH:MM`, from 00:00.
    package let from: String
    /// `HH:MM`, up to 24:00; the first minute that is no longer allowed. Up to ``from``, it lies in the next day.
    package let to: String
    /// A name of the IANA time zone database.
    package let zone: String
    private let fromMinute: Int
    private let toMinute: Int

    /// Of the whole week, from Monday.
    package static let everyDay = Array(LocalMoment.daysOfWeek[1...] + LocalMoment.daysOfWeek[..<1])

    package init(
        days: [String] = Self.everyDay, from: String = "00:00", to: String = "24:00", zone: String = "UTC"
    ) throws(InvalidRequirement) {
        let field = "requirements.times"
        guard !days.isEmpty, Set(days).count == days.count else {
            throw InvalidRequirement(field, "must name a day, and none twice")
        }
        if let day = days.first(where: { !LocalMoment.daysOfWeek.contains($0) }) {
            let hint = Spelling.hint(Spelling.closest(to: day, among: LocalMoment.daysOfWeek))
            throw InvalidRequirement(field, "has the day \"\(excerpt(of: day))\", which is none of the week's\(hint)")
        }
        guard isZoneName(zone) else {
            throw InvalidRequirement(field, "has the zone \"\(excerpt(of: zone))\"; write one as Europe/Berlin or UTC")
        }
        fromMinute = try Self.minute(from)
        toMinute = to == "24:00" ? 1440 : try Self.minute(to)
        guard fromMinute != toMinute, toMinute != 0 else {
            throw InvalidRequirement(field, "must not end where it begins, nor at 00:00: a day's end is 24:00")
        }
        self.days = days
        self.from = from
        self.to = to
        self.zone = zone
    }

    private static func minute(_ text: String) throws(InvalidRequirement) -> Int {
        do throws(UnreadableScalar) {
            return Int(try ScalarText.timeOfDay(text))
        } catch {
            throw InvalidRequirement("requirements.times", "has \"\(excerpt(of: text))\", which \(error.problem)")
        }
    }

    /// `nil` for an instant that no clock shows.
    func contains(_ instant: Date, in offsets: ZoneOffsets) -> Bool? {
        let seconds = instant.timeIntervalSince1970
        guard LocalMoment.years.contains(seconds),
            let moment = LocalMoment(secondsSince1970: seconds + Double(offsets.offset(at: Int64(seconds)))),
            let day = LocalMoment.daysOfWeek.firstIndex(of: moment.dayOfWeek)
        else { return nil }
        let minute = moment.minuteOfDay
        if fromMinute < toMinute {
            return days.contains(moment.dayOfWeek) && fromMinute <= minute && minute < toMinute
        }
        return days.contains(moment.dayOfWeek) && minute >= fromMinute
            || days.contains(LocalMoment.daysOfWeek[(day + 6) % 7]) && minute < toMinute
    }
}

extension AllowedTime: CustomStringConvertible {
    /// `Monday, Tuesday 08:00–18:00 (Europe/Berlin)`
    package var description: String {
        let days = self.days.count == 7 ? "every day" : self.days.joined(separator: ", ")
        return "\(days) \(from)–\(to) (\(zone))"
    }
}

extension AllowedTime {
    private enum CodingKeys: String, CodingKey {
        case days, from, to, zone
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let days = try fields.decodeIfPresent([String].self, forKey: .days)
        let from = try fields.decodeIfPresent(String.self, forKey: .from)
        let to = try fields.decodeIfPresent(String.self, forKey: .to)
        let zone = try fields.decodeIfPresent(String.self, forKey: .zone)
        do throws(InvalidRequirement) {
            try self.init(
                days: days ?? Self.everyDay, from: from ?? "00:00", to: to ?? "24:00", zone: zone ?? "UTC")
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.problem))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(days, forKey: .days)
        try fields.encode(from, forKey: .from)
        try fields.encode(to, forKey: .to)
        try fields.encode(zone, forKey: .zone)
    }
}
