import FoundationEssentials
import Testing

@testable import Broker

@Suite struct KeyScheduleTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 86_400
    private let schedule = KeySchedule(period: 30 * day)

    private func days(_ days: Double...) -> [Date] { days.map { Self.start.addingTimeInterval($0 * Self.day) } }

    private func at(_ day: Double) -> Date { Self.start.addingTimeInterval(day * Self.day) }

    @Test func `the first key signs at once, a later one a day after it is published`() {
        #expect(schedule.step([], at: Self.start) == .add(signsFrom: Self.start))
        #expect(schedule.step(days(0), at: at(28.9)) == .rest(until: at(29)))
        #expect(schedule.step(days(0), at: at(29)) == .add(signsFrom: at(30)))
    }

    @Test func `a broker that was down over a key's end publishes the next one a day before it signs, too`() {
        #expect(schedule.step(days(0), at: at(45)) == .add(signsFrom: at(46)))
        #expect(schedule.signer(days(0, 46), at: at(45.5)) == 0)
    }

    @Test func `an old key stays for a day after the next one has begun to sign`() {
        #expect(schedule.step(days(0, 30), at: at(30.9)) == .rest(until: at(31)))
        #expect(schedule.step(days(0, 30), at: at(31)) == .drop(1))
        #expect(schedule.step(days(0, 30, 60, 90), at: at(62)) == .drop(2))
    }

    @Test(arguments: [(-1, 0), (0, 0), (29.99, 0), (30, 1), (99, 1)] as [(Double, Int)])
    func `the last key whose time has come signs`(day: Double, place: Int) {
        #expect(schedule.signer(days(0, 30), at: at(day)) == place)
    }

    @Test func `over a year of looking every hour there is always a key that signs, and it was published a day before`()
    {
        var starts: [Date] = []
        var published: [Date: Date] = [:]
        for hour in 0..<(24 * 365) {
            let now = Self.start.addingTimeInterval(Double(hour) * 3600)
            steps: while true {
                switch schedule.step(starts, at: now) {
                case .add(let start):
                    starts.append(start)
                    published[start] = now
                case .drop(let count): starts.removeFirst(count)
                case .rest(let next):
                    #expect(next > now)
                    break steps
                }
            }
            let signer = starts[schedule.signer(starts, at: now) ?? 0]
            #expect(starts.count <= 2 && signer <= now)
            let isFirst = signer == Self.start
            #expect(isFirst || now.timeIntervalSince(published[signer] ?? now) >= Self.day)
        }
        #expect(published.count == 13)
    }

    @Test func `short periods have short overlaps`() {
        #expect(KeySchedule(period: 86_400).overlap == 21_600)
    }
}
