/// A value that one task makes known once and one other task waits for, such as the port that a server got.
package struct Announcement<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    package func announce(_ value: Value) {
        continuation.yield(value)
        continuation.finish()
    }

    /// For one task only: an `AsyncStream` has one consumer. Throws `CancellationError` when the waiter is cancelled.
    package func value() async throws -> Value {
        for await value in stream { return value }
        throw CancellationError()
    }
}
