import AccessControl
import Foundation
import TestSupport
import Testing

@Suite struct ZoneOffsetsTests {
    private static let folder = URL(filePath: "/usr/share/zoneinfo")

    private static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    @Test(arguments: [
        "Europe/Berlin", "Europe/Dublin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
        "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham",
        "Africa/Johannesburg", "America/Phoenix", "Asia/Kolkata", "Etc/GMT+5", "UTC",
    ])
    func `The offset is the one that another implementation knows, hour by hour around changes`(name: String) throws {
        let offsets = try ZoneOffsets(tzif: Self.bytes(name))
        let other = try #require(TimeZone(identifier: name))
        // 1975 to 2060, every five days and some hours, and each hour around the changes of 2026.
        let coarse = stride(from: Int64(157_766_400), to: 2_840_140_800, by: 5 * 86_400 + 7_321)
        let fine = stride(from: Int64(1_767_225_600), to: 1_798_761_600, by: 1800)
        for seconds in Array(coarse) + Array(fine) {
            let known = other.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            #expect(offsets.offset(at: seconds) == known, "\(name) at \(seconds)")
        }
    }

    @Test func `Every zone of the machine can be read`() throws {
        let files = try #require(FileManager.default.enumerator(atPath: Self.folder.path())).compactMap {
            $0 as? String
        }
        var read = 0
        for name in files where isZoneName(name) && !name.hasPrefix("right/") {
            guard let bytes = try? Self.bytes(name), bytes.starts(with: "TZif".utf8) else { continue }
            _ = try ZoneOffsets(tzif: bytes)
            read += 1
        }
        #expect(read > 100)
    }

    /// A file of version 2 without changes, for its rule alone.
    private static func file(rule: String, version: UInt8 = UInt8(ascii: "2"), leapSeconds: UInt8 = 0) -> [UInt8] {
        let header: [UInt8] =
            Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, leapSeconds, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
        let block: [UInt8] = [0, 0, 0, 0, 0, 0, 0]
        return header + block + header + block + Array("\n\(rule)\n".utf8)
    }

    @Test(arguments: [
        // 2026-03-29T01:00Z and 2026-10-25T01:00Z.
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_745_999, 3600), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_746_000, 7200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1_792_889_999, 7200), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_792_890_000, 3600),
        // Summer time all year (RFC 8536 section 3.3.1), winter time that is behind standard time, the south.
        ("EST5EDT,0/0,J365/25", 1_767_225_600, -14_400), ("EST5EDT,0/0,J365/25", 1_782_864_000, -14_400),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_782_864_000, 3600), ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_767_225_600, 0),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_767_225_600, 39_600), ("<+0545>-5:45", 0, 20_700),
        // The day of the year counts without 29 February, and with it: 2028-03-01.
        ("AAA0BBB,J60/0,J61/0", 1_835_481_600, 3600), ("AAA0BBB,59/0,60/0", 1_835_481_600, 0),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_745_999, -7200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_746_000, -3600),
    ])
    func `A rule for every year says when summer time is`(rule: String, seconds: Int64, offset: Int) throws {
        #expect(try ZoneOffsets(tzif: Self.file(rule: rule)).offset(at: seconds) == offset)
    }

    @Test(arguments: [
        "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "C-1", "CET-25", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,366,5", "<+01-1", "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1:60", "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M3.5.0,M10.5.0,",
    ])
    func `A rule that can't be read makes no zone`(rule: String) {
        #expect(throws: UnreadableZone.self) { try ZoneOffsets(tzif: Self.file(rule: rule)) }
    }

    @Test func `What isn't a whole file of a known version, or counts leap seconds, is no zone`() throws {
        let whole = Self.file(rule: "UTC0")
        #expect(try ZoneOffsets(tzif: whole).offset(at: 0) == 0)
        for count in 0..<whole.count {
            #expect(throws: UnreadableZone.self, "\(count)") { try ZoneOffsets(tzif: Array(whole.prefix(count))) }
        }
        #expect(throws: UnreadableZone.self) {
            try ZoneOffsets(tzif: Self.file(rule: "UTC0", version: UInt8(ascii: "5")))
        }
        #expect(throws: UnreadableZone.self) { try ZoneOffsets(tzif: Self.file(rule: "UTC0", leapSeconds: 1)) }
        #expect(throws: UnreadableZone.self) { try ZoneOffsets(tzif: whole + [0]) }
    }

    @Test func `Spoilt files never trap, nor does any instant`() throws {
        let seed = try Self.bytes("Europe/Berlin")
        FuzzRounds.repeated(3_000) { generator in
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = .random(in: .min ... .max, using: &generator)
            }
            guard let offsets = try? ZoneOffsets(tzif: bytes) else { return }
            let seconds = [Int64.min, -1, 0, 1_800_000_000, .max].map { offsets.offset(at: $0) }
            // What a real zone may have.
            #expect(seconds.allSatisfy { (-93_600...93_600).contains($0) }, "\(seconds) of \(bytes)")
        }
    }

    @Test(arguments: [
        ("Europe/Berlin", true), ("UTC", true), ("Etc/GMT+1", true), ("America/Argentina/Buenos_Aires", true),
        ("", false),
        ("../etc/passwd", false), ("/etc/passwd", false), ("Europe/", false), ("Europe//Berlin", false),
        ("Eur ope", false),
        ("Europe/.hidden", false), ("Zürich", false),
    ])
    func `Only names that can't leave the folder are names`(name: String, isName: Bool) {
        #expect(isZoneName(name) == isName)
    }
}
