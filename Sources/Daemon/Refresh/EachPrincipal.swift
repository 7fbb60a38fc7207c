import CredentialCache

/// So many are looked after at a time: enough that a few whose identity provider hangs hold nobody else up.
private let mostAtOnce = 32

extension [Principal] {
    /// Has `body` look after all of them at once, instead of one after another. Returns when each was looked after;
    /// once the task is cancelled, no further one is begun.
    func forEachAtOnce(_ body: @escaping @Sendable (Principal) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, principal) in enumerated() {
                if index >= mostAtOnce { await group.next() }
                guard group.addTaskUnlessCancelled(operation: { await body(principal) }) else { return }
            }
        }
    }
}
