import Glibc

/// Bytes that must not leak: they cannot be printed or reflected, are compared in constant time, and are wiped from
/// memory when the last reference is dropped.
///
/// The promise covers this type's own storage. Text handed out by ``revealed()`` is an ordinary `String` that nobody
/// wipes, so ask for it only where the wire needs it.
package final class Secret: Sendable {
    /// Written once, in `init`, and never again until `deinit`; hence safe to share.
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

    package init(_ bytes: some Collection<UInt8>) {
        storage = .allocate(byteCount: bytes.count, alignment: 1)
        storage.copyBytes(from: bytes)
    }

    package convenience init(_ text: String) {
        self.init(text.utf8)
    }

    deinit {
        // explicit_bzero(3): unlike memset, the compiler may not drop it as a dead store.
        if let start = storage.baseAddress { explicit_bzero(start, storage.count) }
        storage.deallocate()
    }

    package var count: Int { storage.count }

    /// The bytes, valid only inside `body`.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// A copy as text, with ill-formed UTF-8 repaired. The copy is not wiped.
    package func revealed() -> String {
        String(decoding: storage, as: UTF8.self)
    }
}

extension Secret: Equatable {
    package static func == (left: Secret, right: Secret) -> Bool {
        left.withBytes { left in right.withBytes { right in constantTimeEqual(left, right) } }
    }

    /// Whether `bytes` are this secret's, in time that depends on the lengths only.
    package func matches(_ bytes: some Collection<UInt8>) -> Bool {
        self == Secret(bytes)
    }

    private static func constantTimeEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Secret: Decodable {
    package convenience init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}
