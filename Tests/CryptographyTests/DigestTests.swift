import Cryptography
import Foundation
import Testing

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
}

@Suite struct DigestTests {
    /// FIPS 180-2 appendix B, and the digest of nothing.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `it is SHA-256`(text: String, digest: String) {
        #expect(hexadecimal(Digest(of: text).bytes) == digest)
    }
}

@Suite struct MACKeyTests {
    private func code(_ key: MACKey, _ text: String) -> [UInt8] {
        Array(text.utf8).withUnsafeBytes { key.code(for: $0) }
    }

    private func isValid(_ code: [UInt8], _ key: MACKey, _ text: String) -> Bool {
        code.withUnsafeBytes { code in Array(text.utf8).withUnsafeBytes { key.isValid(code, for: $0) } }
    }

    /// RFC 4231 section 4.3.
    @Test func `it is HMAC-SHA256`() {
        let key = Array("Jefe".utf8).withUnsafeBytes { MACKey($0) }
        #expect(
            hexadecimal(code(key, "what do ya want for nothing?"))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func `a code is good for its message and key only, bit by bit`() {
        let key = MACKey()
        let code = code(key, "message")
        #expect(code.count == MACKey.codeLength)
        #expect(isValid(code, key, "message"))
        #expect(!isValid(code, key, "massage"))
        #expect(!isValid(code, MACKey(), "message"))
        #expect(!isValid(Array(code.dropLast()), key, "message"))
        #expect(!isValid(code + [0], key, "message"))
        #expect(!isValid([], key, "message"))
        for bit in 0..<8 * code.count {
            var other = code
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!isValid(other, key, "message"))
        }
    }
}

@Suite struct SealingKeyTests {
    private func key(_ byte: UInt8) throws -> SealingKey {
        try #require([UInt8](repeating: byte, count: 32).withUnsafeBytes { SealingKey($0) })
    }

    private func open(_ sealed: [UInt8], _ key: SealingKey, _ context: String = "c") -> [UInt8]? {
        key.open(sealed, context: context) { Array($0) }
    }

    /// The GCM specification's test case 14: AES-256, a key and a nonce of zeros, one block of zeros.
    @Test func `it opens what others sealed with AES-256-GCM`() throws {
        let box = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        let bytes = stride(from: 0, to: box.count, by: 2).compactMap { UInt8(box.dropFirst($0).prefix(2), radix: 16) }
        #expect(open([UInt8](repeating: 0, count: 12) + bytes, try key(0), "") == [UInt8](repeating: 0, count: 16))
    }

    @Test(arguments: [0, 1, 16, 100_000])
    func `what was sealed is opened again`(count: Int) throws {
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try #require(plain.withUnsafeBytes { try? key(1).seal($0, context: "c") } ?? nil)
        #expect(open(sealed, try key(1)) == plain)
        let again = try #require(plain.withUnsafeBytes { try? key(1).seal($0, context: "c") } ?? nil)
        #expect(again != sealed)
    }

    @Test func `nothing that was changed is opened, and nothing by another key or in another context`() throws {
        let sealed = try #require(Array("secret".utf8).withUnsafeBytes { try? key(1).seal($0, context: "c") } ?? nil)
        #expect(open(sealed, try key(2)) == nil)
        #expect(open(sealed, try key(1), "d") == nil)
        for bit in 0..<8 * sealed.count {
            var other = sealed
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(open(other, try key(1)) == nil)
        }
        for length in 0..<sealed.count { #expect(open(Array(sealed.prefix(length)), try key(1)) == nil) }
    }

    /// RFC 5869, appendix A.3, whose output's first 32 bytes are what a shorter output is.
    @Test func `a key derived from a secret is that of HKDF`() throws {
        let text = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        let bytes = stride(from: 0, to: text.count, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
        let expected = try #require(bytes.withUnsafeBytes { SealingKey($0) })
        let secret = [UInt8](repeating: 0x0B, count: 22)
        let derived = secret.withUnsafeBytes { SealingKey(derivedFrom: $0, purpose: "") }
        let other = secret.withUnsafeBytes { SealingKey(derivedFrom: $0, purpose: "other") }
        let sealed = try #require(Array("x".utf8).withUnsafeBytes { derived.seal($0, context: "") })
        #expect(open(sealed, expected, "") == Array("x".utf8))
        #expect(open(sealed, other, "") == nil)
    }

    @Test(arguments: [0, 16, 31, 33])
    func `a key of another length is none`(count: Int) {
        #expect([UInt8](repeating: 0, count: count).withUnsafeBytes { SealingKey($0) } == nil)
    }
}
