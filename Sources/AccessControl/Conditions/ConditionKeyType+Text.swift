import FoundationEssentials

extension ConditionKeyType {
    /// A number as a block would write it: a date in ISO 8601, a time of day as `HH:MM`, whole numbers without a point.
    func text(of number: Double) -> String {
        switch self {
        case .date: Date(timeIntervalSince1970: number).formatted(.iso8601)
        case .timeOfDay: Self.timeOfDay(minutes: Int(exactly: number) ?? 0)
        default: Int(exactly: number).map { "\($0)" } ?? "\(number)"
        }
    }

    private static func timeOfDay(minutes: Int) -> String {
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        return (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)"
    }
}
