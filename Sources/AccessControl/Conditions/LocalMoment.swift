/// A moment as a clock on the wall shows it.
struct LocalMoment: Sendable, Hashable {
    /// `Sunday` … `Saturday`.
    let dayOfWeek: String
    /// 0...1439; seconds are dropped.
    let minuteOfDay: Int

    /// 0001-01-01 and the end of 9999-12-31, in seconds since 1970.
    static let years = -62_135_596_800.0..<253_402_300_800.0

    static let daysOfWeek = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `nil` outside the years 1 to 9999, and for what is no number.
    /// - Parameter secondsSince1970: already moved by the clock's offset from UTC.
    init?(secondsSince1970: Double) {
        guard Self.years.contains(secondsSince1970) else { return nil }
        let days = (secondsSince1970 / 86_400).rounded(.down)
        // 1970-01-01 was a Thursday, the fifth day. The sum may be negative, `%` too.
        let weekday = ((Int(days) + 4) % 7 + 7) % 7
        dayOfWeek = Self.daysOfWeek[weekday]
        minuteOfDay = min(1_439, Int((secondsSince1970 - days * 86_400) / 60))
    }
}
