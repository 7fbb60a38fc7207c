import CNIOBoringSSL

/// A key for message authentication codes (HMAC-SHA256, RFC 2104); wiped when nobody has it any more.
package struct MACKey: Sendable {
    /// How many bytes a code has.
    package static let codeLength = 32

    private let key: KeyBytes

    /// A new one of 256 random bits.
    package init() {
        key = KeyBytes(randomCount: 32)
    }

    package init(_ bytes: UnsafeRawBufferPointer) {
        key = KeyBytes(bytes)
    }

    package func code(for message: UnsafeRawBufferPointer) -> [UInt8] {
        withCode(for: message) { Array($0) }
    }

    /// Whether `code` is that of `message`, in time that does not depend on where it is wrong.
    package func isValid(_ code: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer) -> Bool {
        withCode(for: message) { expected in
            code.count == expected.count
                && CRYPTO_memcmp(code.baseAddress, expected.baseAddress, expected.count) == 0
        }
    }

    private func withCode<Result>(
        for message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.codeLength) { code in
            let isComputed = key.withBytes { key in
                HMAC(
                    EVP_sha256(), key.baseAddress, key.count,
                    message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count, code.baseAddress, nil)
                    != nil
            }
            // Without memory for it, a code that nobody can guess.
            if !isComputed { _ = code.initialize(fromContentsOf: Self.unguessable) }
            return body(UnsafeRawBufferPointer(code))
        }
    }

    private static var unguessable: [UInt8] { (0..<codeLength).map { _ in .random(in: .min ... .max) } }
}
