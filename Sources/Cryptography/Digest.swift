import CNIOBoringSSL
import NIOSSL

/// SHA-256 of something.
package struct Digest: Sendable, Hashable {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init(of bytes: UnsafeRawBufferPointer) {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = SHA256(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &digest)
        self.bytes = digest
    }

    package init(of text: some StringProtocol) {
        self = Array(text.utf8).withUnsafeBytes { Digest(of: $0) }
    }
}
