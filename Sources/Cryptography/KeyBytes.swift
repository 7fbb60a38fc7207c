import Glibc

/// The bytes of a key; wiped when nobody has it any more.
final class KeyBytes: Sendable {
    /// Written once, in `init`, and never again until `deinit`; hence safe to share.
    private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        storage = .allocate(byteCount: bytes.count, alignment: 8)
        storage.copyMemory(from: bytes)
    }

    /// Bytes that nobody can guess, from the kernel (getrandom(2)).
    convenience init(randomCount count: Int) {
        self.init(count: count) { $0.fillWithRandomBytes() }
    }

    /// - Parameter write: fills the bytes, which are zero.
    init(count: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        storage = .allocate(byteCount: count, alignment: 8)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        write(storage.assumingMemoryBound(to: UInt8.self))
    }

    deinit {
        // explicit_bzero(3): unlike memset, the compiler may not drop it as a dead store.
        if let start = storage.baseAddress { explicit_bzero(start, storage.count) }
        storage.deallocate()
    }

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(storage.assumingMemoryBound(to: UInt8.self)))
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    func fillWithRandomBytes() {
        var generator = SystemRandomNumberGenerator()
        for index in indices { self[index] = .random(in: .min ... .max, using: &generator) }
    }
}
