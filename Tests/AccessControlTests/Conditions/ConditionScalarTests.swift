import Foundation
import TestSupport
import Testing

@testable import AccessControl

@Suite struct ConditionScalarTests {
    static let numbers: [ConditionCase] = [
        .init("NumericEquals", "broker:Risk", ["40"], true),
        .init("NumericEquals", "broker:Risk", ["1", "40.0"], true),
        .init("NumericEquals", "broker:Risk", ["41"], false),
        .init("NumericNotEquals", "broker:Risk", ["41", "42"], true),
        .init("NumericNotEquals", "broker:Risk", ["41", "40"], false),
        .init("NumericLessThan", "broker:Risk", ["40"], false),
        .init("NumericLessThan", "broker:Risk", ["40.5"], true),
        .init("NumericLessThanEquals", "broker:Risk", ["40"], true),
        .init("NumericLessThanEquals", "broker:Risk", ["39"], false),
        .init("NumericGreaterThan", "broker:Risk", ["40"], false),
        .init("NumericGreaterThan", "broker:Risk", ["-1"], true),
        .init("NumericGreaterThanEquals", "broker:Risk", ["40"], true),
        .init("NumericGreaterThanEquals", "broker:Risk", ["41"], false),
        .init("NumericLessThanEquals", "broker:DurationSeconds", ["3600"], true),
        .init("NumericEquals", "broker:MfaAge", ["90.5"], true),
        .init("NumericGreaterThan", "broker:EpochTime", ["1769884214"], true),
        .init("Bool", "broker:MfaPresent", ["true"], true),
        .init("Bool", "broker:MfaPresent", ["false"], false),
        .init("Bool", "broker:MfaPresent", ["false", "true"], true),
    ]

    static let dates: [ConditionCase] = [
        .init("DateEquals", "broker:CurrentTime", ["2026-01-31T18:30:15Z"], true),
        .init("DateEquals", "broker:CurrentTime", ["2026-01-31T19:30:15.000+01:00"], true),
        .init("DateEquals", "broker:CurrentTime", ["1769884215"], true),
        .init("DateNotEquals", "broker:CurrentTime", ["2026-01-31"], true),
        .init("DateLessThan", "broker:CurrentTime", ["2026-02-01"], true),
        .init("DateLessThan", "broker:CurrentTime", ["2026-01-31T18:30Z"], false),
        .init("DateLessThanEquals", "broker:CurrentTime", ["2026-01-31T18:30:15Z"], true),
        .init("DateGreaterThan", "broker:CurrentTime", ["2026-01-31"], true),
        .init("DateGreaterThan", "broker:CurrentTime", ["2026-01-31T18:30:15Z"], false),
        .init("DateGreaterThanEquals", "broker:CurrentTime", ["2026-01-31T18:30:15Z"], true),
        .init("DateGreaterThanEquals", "broker:TimeOfDay", ["18:30"], true),
        .init("DateEquals", "broker:TimeOfDay", ["18:30"], true),
        .init("DateLessThan", "broker:TimeOfDay", ["18:30"], false),
        .init("DateLessThan", "broker:TimeOfDay", ["18:31"], true),
    ]

    @Test(arguments: numbers + dates)
    func `a number, a date and a Boolean are compared as their operator says`(line: ConditionCase) throws {
        let verdict = try ConditionSample.verdict(line.name, line.key, line.values, in: ConditionSample.context())
        #expect(verdict == (line.holds ? .holds : .fails))
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "1e3", "1e999", "inf", "-inf", "nan", "NaN", "0x10", "+1", "1_000", " 1", "1 ", "1,5",
        "--1", "1.2.3", "١", "1234567890123456", "0.1234567890123456", String(repeating: "9", count: 400), "1\u{0}",
    ])
    func `only a decimal number of 15 digits is a number`(text: String) throws {
        let fault = try #require(ConditionSample.fault("NumericEquals", "broker:Risk", [text]))
        #expect(fault.value == text)
        #expect(fault.key == "broker:Risk")
    }

    @Test(arguments: [
        "", "2026", "9999", "-1", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-01-32", "2026-1-1",
        "0000-01-01", "2026-01-31T", "2026-01-31T18:30", "2026-01-31T18:30:15", "2026-01-31 18:30:15Z",
        "2026-01-31T24:00:00Z", "2026-01-31T18:60Z", "2026-01-31T18:30:60Z", "2026-01-31T18:30:15.Z",
        "2026-01-31T18:30:15.1234567890Z", "2026-01-31T18:30:15+1:00", "2026-01-31T18:30:15+24:00",
        "2026-01-31T18:30:15Zx", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "999999999999999",
        "-99999999999999", "1e9", "tomorrow",
    ])
    func `only a whole date of ISO 8601 or seconds since 1970 are a date`(text: String) {
        #expect(ConditionSample.fault("DateLessThan", "broker:CurrentTime", [text])?.value == text)
    }

    @Test(arguments: ["", "24:00", "9:00", "09:60", "0900", "09:00:00", "09:00Z", "-9:00", "２１:００"])
    func `only hours and minutes are a time of day`(text: String) {
        #expect(ConditionSample.fault("DateLessThan", "broker:TimeOfDay", [text])?.value == text)
    }

    @Test(arguments: ["True", "TRUE", "yes", "1", "", "null"])
    func `only true and false are Booleans`(text: String) {
        #expect(ConditionSample.fault("Bool", "broker:MfaPresent", [text])?.value == text)
        #expect(ConditionSample.fault("Null", "broker:Reason", [text])?.value == text)
    }

    @Test func `the calendar goes back to the year 1 without a gap`() throws {
        #expect(try ScalarText.date("0001-01-01") == LocalMoment.years.lowerBound)
        #expect(try ScalarText.date("9999-12-31T23:59:59Z") == LocalMoment.years.upperBound - 1)
        let days = try ["1582-10-04", "1582-10-05", "1600-02-29", "1900-02-28", "1900-03-01"].map(ScalarText.date)
        #expect(days[1] - days[0] == 86_400)
        #expect(days[4] - days[3] == 86_400)
    }

    @Test func `dates agree with another reading of ISO 8601`() throws {
        try FuzzRounds.repeated(2_000) { (random: inout SeededGenerator) throws in
            let seconds = Double(Int64.random(in: -12_219_292_800..<253_402_300_800, using: &random))
            let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
            #expect(try ScalarText.date(text) == seconds, "\(text)")
        }
    }

    @Test func `the clock on the wall agrees with another calendar`() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        try FuzzRounds.repeated(2_000) { random in
            let seconds = Double(Int64.random(in: -12_219_292_800..<253_402_300_800, using: &random))
            let parts = calendar.dateComponents(
                [.weekday, .hour, .minute], from: Date(timeIntervalSince1970: seconds))
            let moment = try #require(LocalMoment(secondsSince1970: seconds))
            #expect(moment.dayOfWeek == LocalMoment.daysOfWeek[try #require(parts.weekday) - 1])
            let (hour, minute) = (try #require(parts.hour), try #require(parts.minute))
            #expect(moment.minuteOfDay == hour * 60 + minute)
        }
    }

    @Test func `a day begins and ends at midnight in UTC`() throws {
        var context = ConditionContext()
        let midnight = try ScalarText.date("2026-02-01")
        for (seconds, day, time) in [(-1.0, "Saturday", "23:59"), (0.0, "Sunday", "00:00")] {
            context.now = Date(timeIntervalSince1970: midnight + seconds)
            #expect(try ConditionSample.verdict("StringEquals", "broker:DayOfWeek", [day], in: context) == .holds)
            #expect(try ConditionSample.verdict("DateEquals", "broker:TimeOfDay", [time], in: context) == .holds)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func `a time that is no time can't be judged`(seconds: Double) throws {
        var context = ConditionContext()
        context.now = Date(timeIntervalSince1970: seconds)
        let keys: [(ConditionKey, String, String)] = [
            (.currentTime, "DateNotEquals", "2026-01-31"), (.timeOfDay, "DateGreaterThan", "00:00"),
            (.epochTime, "NumericGreaterThanIfExists", "0"), (.dayOfWeek, "StringNotEquals", "Monday"),
        ]
        for (key, name, value) in keys {
            #expect(try ConditionSample.verdict(name, key.name, [value], in: context) == .unknown([key]))
        }
    }

    @Test func `the longest duration is a number like others`() throws {
        var context = ConditionContext()
        context.duration = Duration(secondsComponent: .max, attosecondsComponent: 0)
        context.mfaAge = Duration(secondsComponent: .min, attosecondsComponent: 0)
        #expect(
            try ConditionSample.verdict("NumericGreaterThan", "broker:DurationSeconds", ["1"], in: context) == .holds)
        #expect(try ConditionSample.verdict("NumericLessThan", "broker:MfaAge", ["0"], in: context) == .holds)
        let block = try ConditionBlock(["NumericLessThan": ["broker:MfaAge": ["0"]]])
        #expect(block.trace(in: context).description.contains("holds"))
    }
}
