import Glibc

/// A connection that was accepted, as the kernel is asked about it. Good for as long as its descriptor is open.
package struct AcceptedSocket: Sendable {
    /// Owned by who has made this value.
    package let descriptor: CInt
    /// `nil` for a Unix socket.
    package let connection: TCPConnection?

    package init(descriptor: CInt, connection: TCPConnection?) {
        self.descriptor = descriptor
        self.connection = connection
    }

    /// The option's value, as getsockopt(2) tells it; `nil` if the kernel doesn't know it or says less than that.
    /// - Parameter value: overwritten.
    func socketOption<Value: BitwiseCopyable>(_ name: CInt, _ value: Value) -> Value? {
        var value = value
        var length = socklen_t(MemoryLayout<Value>.size)
        let status = getsockopt(descriptor, SOL_SOCKET, name, &value, &length)
        return status == 0 && length == socklen_t(MemoryLayout<Value>.size) ? value : nil
    }
}
