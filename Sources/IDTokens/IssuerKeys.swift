import FoundationEssentials
import HTTPExchange
import Logging
import OIDC

/// The signing keys of one issuer, fetched when needed, once at a time however many ask.
actor IssuerKeys {
    private let source: KeySource
    private let logger: Logger
    private let now: @Sendable () -> Date
    private var cache = KeyCache()
    private var fetch: Task<Void, Never>?

    init(source: KeySource, logger: Logger, now: @escaping @Sendable () -> Date) {
        self.source = source
        self.logger = logger
        self.now = now
    }

    /// The one key that must have signed the token.
    func key(for jws: CompactJWS) async throws(IDTokenError) -> SigningKey {
        let candidates = try await keys(forKeyID: jws.keyID)
        let fitting = candidates.filter { $0.fits(jws.algorithm) }
        guard let key = fitting.first else { throw .algorithmNotAllowed(Excerpt.line(jws.algorithm, limit: 32)) }
        guard fitting.count == 1 else { throw .unknownKey(Excerpt.line(jws.keyID ?? "", limit: 64)) }
        return key
    }

    private func keys(forKeyID keyID: String?) async throws(IDTokenError) -> [SigningKey] {
        var hasFetched = false
        while true {
            switch cache.step(forKeyID: keyID, hasFetched: hasFetched, now: now()) {
            case .use(let keys): return keys
            case .refuse(let error): throw error
            case .fetch:
                await fetchOnce()
                hasFetched = true
            }
        }
    }

    /// The fetch is its own task, so that a caller who goes away cancels nothing for the others.
    private func fetchOnce() async {
        if let fetch { return await fetch.value }
        let task = Task { [source] in record(await source.fetch()) }
        fetch = task
        await task.value
    }

    private func record(_ result: Result<[SigningKey], ProviderExchange.Failure>) {
        fetch = nil
        let wasFailing = cache.isFailing
        switch result {
        case .success(let keys):
            cache.succeed(keys, at: now())
            if wasFailing { logger.info("issuer keys available again", metadata: ["issuer": "\(source.issuer)"]) }
        case .failure(let failure):
            cache.fail(failure.reason, at: now())
            if !wasFailing {
                logger.warning(
                    "issuer keys unavailable",
                    metadata: ["issuer": "\(source.issuer)", "reason": "\(failure.reason)"])
            }
        }
    }
}
