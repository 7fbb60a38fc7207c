import Synchronization

/// The targets to which something is under way.
final class BusyTargets: Sendable {
    private let busy = Mutex<Set<String>>([])

    var names: Set<String> { busy.withLock { $0 } }

    /// Whether it wasn't busy; it is from now on, until ``end(_:)``.
    func begin(_ target: String) -> Bool { busy.withLock { $0.insert(target).inserted } }

    func end(_ target: String) { _ = busy.withLock { $0.remove(target) } }
}
