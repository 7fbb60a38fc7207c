extension LoopbackRedirect {
    /// Listens for the browser that is to have a link which whoever has it may use. ``redirectURI`` is safe where others may read it, an
    /// argument vector for instance, as far as `admits` tells them apart. End it with ``forward(to:within:clock:)`` or ``close()``.
    package static func listenForBrowser(admitting admits: @escaping Admission) async throws(SignInError)
        -> LoopbackRedirect
    {
        try await listen(path: "/" + AuthorizationSecrets.randomText(), admits: admits)
    }

    /// Sends the first one that comes on to `link`, and nobody after it; stops listening. Whether somebody came in time.
    package func forward(
        to link: String, within limit: Duration, clock: any Clock<Duration> = ContinuousClock()
    ) async -> Bool {
        let isFetched = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await arrival in arrivals {
                    await arrival.answer(.onward(link))
                    return true
                }
                return false
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        await close()
        return isFetched
    }
}
