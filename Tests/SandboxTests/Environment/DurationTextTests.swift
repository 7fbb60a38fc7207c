import Testing

@testable import Sandbox

@Suite("Durations on the command line")
struct DurationTextTests {
    @Test(
        "A whole number and a unit",
        arguments: [
            ("60s", 60), ("1s", 1), ("15m", 900), ("1h", 3600), ("2d", 172800), ("366d", 31_622_400), ("0s", nil),
            ("367d", nil), ("", nil), ("s", nil), ("60", nil), ("1.5h", nil), ("-1s", nil), ("1w", nil), (" 1s", nil),
            ("９s", nil), ("99999999999999999999d", nil), ("999999999d", nil),
        ] as [(String, Int?)])
    func parsing(text: String, seconds: Int?) {
        #expect(DurationText(argument: text)?.duration == seconds.map { .seconds($0) })
    }
}
