import Credentials
import FoundationEssentials
import Testing

@Suite struct AWSTimestampTests {
    @Test func `whole seconds in UTC with Z`() {
        #expect(AWSTimestamp.text(Date(timeIntervalSince1970: 1_700_000_000.9)) == "2023-11-14T22:13:20Z")
    }

    @Test(arguments: [
        (-1.0, "1970-01-01T00:00:00Z"), (.nan, "1970-01-01T00:00:00Z"), (.infinity, "9999-12-31T23:59:59Z"),
        (253_402_300_800, "9999-12-31T23:59:59Z"),
    ])
    func `what four digits can't hold is the nearest that they can`(seconds: Double, text: String) {
        #expect(AWSTimestamp.text(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test(arguments: [
        "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z", "2023-11-14T23:13:20+01:00", "2023-11-14T23:13:20.0+0100",
        "2023-11-14T20:43:20-01:30",
    ])
    func `fractions and offsets are understood`(text: String) {
        #expect(AWSTimestamp.date(text) == Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test func `a fraction is kept`() {
        #expect(AWSTimestamp.date("1970-01-01T00:00:00.25Z") == Date(timeIntervalSince1970: 0.25))
        #expect(AWSTimestamp.date("1970-01-01T00:00:00.123456789Z") != AWSTimestamp.date("1970-01-01T00:00:00.12Z"))
    }

    @Test(arguments: [
        "", "tomorrow", "2023-11-14", "1700000000", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z",
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-04-31T00:00:00Z", "0000-01-01T00:00:00Z",
        "2023-11-14T24:00:00Z", "2023-11-14T22:60:00Z", "2023-11-14T22:13:60Z", "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20.0000000000Z", "2023-11-14T22:13:20z", "2023-11-14T22:13:20ZZ", "2023-11-14T22:13:20+1:00",
        "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20+01:0", "2023-11-14T22:13:20.5.5Z", "+023-11-14T22:13:20Z",
        "2023-11-14T22:13:20+0:100",
    ])
    func `anything else is no instant`(text: String) {
        #expect(AWSTimestamp.date(text) == nil)
    }

    @Test func `FoundationEssentials' calendar says the same`() {
        for day in stride(from: 0, to: 253_402_300_799.0, by: 86_399.0 * 97) {
            let date = Date(timeIntervalSince1970: day)
            let text = AWSTimestamp.text(date)
            #expect(text == date.formatted(.iso8601))
            #expect(AWSTimestamp.date(text) == date)
        }
    }
}

@Suite struct CivilDateTests {
    @Test(arguments: [
        (0, 1970, 1, 1), (-1, 1969, 12, 31), (59, 1970, 3, 1), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1),
        (-719_162, 1, 1, 1), (2_932_896, 9999, 12, 31),
    ])
    func `days are counted from 1970`(number: Int, year: Int, month: Int, day: Int) {
        let date = CivilDate(year: year, month: month, day: day)
        #expect(date?.dayNumber == number)
        #expect(CivilDate(dayNumber: number) == date)
    }

    @Test(arguments: [
        (2100, 2, 29), (2024, 2, 30), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0), (2024, 1, 32), (10_000, 1, 1),
    ])
    func `a day that no calendar has is none`(year: Int, month: Int, day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }
}
