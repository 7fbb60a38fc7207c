import Testing

@testable import AccessControl

@Suite("RequestID")
struct RequestIDTests {
    @Test("Defect A2: ids are 128 random bits, every bit of them, and never repeat")
    func idsAreRandom() throws {
        let count = 4_000
        var ones = [Int](repeating: 0, count: 128)
        var ids: Set<RequestID> = []
        for _ in 0..<count {
            let id = RequestID.random()
            #expect(ids.insert(id).inserted)
            for (index, digit) in id.description.enumerated() {
                let value = try #require(digit.hexDigitValue)
                for bit in 0..<4 where value >> bit & 1 == 1 { ones[index * 4 + bit] += 1 }
            }
        }
        // Twelve standard deviations around one half: a fixed bit (a version, a clock's high part) is far outside.
        #expect(ones.allSatisfy { abs($0 - count / 2) < 380 })
    }

    @Test("Defect A2: an id is a function of the generator alone, not of a clock")
    func idsComeFromTheGenerator() {
        var (first, second) = (Counting(), Counting())
        #expect(RequestID.random(using: &first) == RequestID.random(using: &second))
        #expect(RequestID.random(using: &first) != RequestID.random(using: &second).next(&second))
    }

    @Test(
        "Only 32 lower-case hexadecimal digits are an id",
        arguments: [
            "", "0", String(repeating: "g", count: 32), String(repeating: "A", count: 32),
            String(repeating: "a", count: 33),
            "6ba7b810-9dad-11d1-80b4-00c04fd4",
        ])
    func parsing(_ text: String) {
        #expect(RequestID(text) == nil)
    }

    private struct Counting: RandomNumberGenerator {
        var value: UInt64 = 7
        mutating func next() -> UInt64 {
            value &*= 6_364_136_223_846_793_005
            value &+= 1
            return value
        }
    }
}

extension RequestID {
    /// The id after this one, of the same generator.
    fileprivate func next(_ generator: inout some RandomNumberGenerator) -> RequestID {
        .random(using: &generator)
    }
}
