import Synchronization

/// Whether the daemon serves: after all listeners have opened, and until it is told to stop.
final class Health: Sendable {
    private let serves = Atomic<Bool>(false)

    var isServing: Bool { serves.load(ordering: .relaxed) }

    func setServing(_ isServing: Bool) { serves.store(isServing, ordering: .relaxed) }
}
