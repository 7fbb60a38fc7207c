package import NIOCore

extension CallerResolver {
    /// Finds out what `detail` asks, once per connection. It may take milliseconds, or long where a file system or the user database
    /// waits for a server, so it happens on a thread of its own, one at a time for each user. What can't be found out is left out.
    /// - Parameters:
    ///   - noting: whose process is looked up for records too.
    ///   - end: if it hasn't begun by then, nothing is looked up and the caller is unknown.
    ///   - then: is called once, on any thread, also before this returns. It isn't, if a look-up of the user's never ends.
    package func observe(
        _ result: Result<Caller, UnknownCaller>, of socket: AcceptedSocket, detail: CallerDetail,
        noting: ProcessNoting = .nobody, by end: NIODeadline = .distantFuture,
        then: @escaping @Sendable (ObservedCaller) -> Void
    ) {
        guard case .success(let caller) = result, mustObserve(result, detail: detail, noting: noting) else {
            return then(ObservedCaller(result))
        }
        let lookUp = LookUp(caller, of: socket, detail: detail, isNoted: noting.includes(caller))
        lookUps.submit(for: caller.userID, by: end) { isInTime in
            then(isInTime ? lookUp.run(by: self) : lookUp.abandon())
        }
    }

    /// Whether ``observe(_:of:detail:noting:by:then:)`` would look for anything.
    package func mustObserve(
        _ result: Result<Caller, UnknownCaller>, detail: CallerDetail, noting: ProcessNoting
    ) -> Bool {
        guard case .success(let caller) = result else { return false }
        return !detail.isEmpty || noting.includes(caller)
    }
}
