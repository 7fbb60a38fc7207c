import CallerIdentity
import CredentialCache
import Foundation
import Glibc
import MetadataServer
import NIOCore
import NIOPosix
import PrometheusText
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite struct MonitoringPagesTests {
    private let cache = Sample.cache()
    private let health = Health()
    private let pages: MonitoringPages
    private let instant = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        let instant = instant
        pages = MonitoringPages(
            metrics: DaemonMetrics(startedAt: instant), health: health, cache: cache,
            settings: CurrentSettings(try Sample.settings()), now: { instant })
    }

    private func ask(_ target: String, method: String = "GET") -> (status: Int?, body: String) {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let answer = pages.answer(
            ControlRequest(method: method, path: parts[0], query: parts.count > 1 ? parts[1] : ""))
        return (answer?.status, String(decoding: answer?.body ?? [], as: UTF8.self))
    }

    /// Has the credentials of `role` fetched by a refresher, as at run time.
    private func fetch(_ role: String) async throws {
        let key = CredentialKey(principal: Sample.ana, role: role)
        _ = cache.lookup(key, now: instant)
        let refresher = CredentialRefresher(
            cache: cache, issuer: SampleIssuer(), clock: ContinuousClock(), now: { [instant] in instant })
        let running = Task { await refresher.run() }
        let hasEnded = Atomic(false)
        cache.awaitNextAttempt(key) { hasEnded.store(true, ordering: .releasing) }
        try await awaited("the attempt ends") { hasEnded.load(ordering: .acquiring) }
        running.cancel()
        await running.value
    }

    @Test func `it lives from the start, and is ready while it serves`() {
        #expect(ask("/healthz") == (200, #"{"status":"ok"}"#))
        #expect(ask("/readyz") == (503, #"{"code":"NotServing","status":"unavailable"}"#))
        health.setServing(true)
        #expect(ask("/readyz") == (200, #"{"status":"ready"}"#))
        health.setServing(false)
        #expect(ask("/readyz").status == 503)
    }

    @Test func `asking whether a role is ready uses nobody's sign-in for whom no rule offers it`() throws {
        let callers =
            "- {user: ana, roles: [readonly]}\n  - {group: developers, roles: [developer]}\n  - {user: ben, roles: [\"*\"]}"
        let settings = CurrentSettings(try Sample.settings(Sample.configuration(callers: callers)))
        #expect(settings.list(["admin"], of: Sample.ben))
        let pages = MonitoringPages(
            metrics: DaemonMetrics(startedAt: instant), health: health, cache: cache, settings: settings,
            now: { [instant] in instant })
        health.setServing(true)
        for (path, status) in [("/readyz/developer", 503), ("/readyz/admin", 404)] {
            #expect(pages.answer(ControlRequest(method: "GET", path: path))?.status == status)
        }
        #expect(cache.reports(now: instant).keys.map(\.principal) == [Sample.ben])
    }

    @Test func `asking whether a role is ready has its credentials fetched`() async throws {
        health.setServing(true)
        let waiting = #"{"code":"Fetching","role":"developer","status":"unavailable"}"#
        #expect(ask("/readyz?role=developer") == (503, waiting))
        try await fetch("developer")
        for target in ["/readyz?role=developer", "/readyz/developer", "/readyz?x=y&role=develope%72"] {
            #expect(ask(target).status == 200, "\(target)")
        }
        #expect(ask("/readyz?role=developer&role=readonly").status == 503)
    }

    @Test(arguments: ["/readyz?role=admin", "/readyz/admin", "/readyz/a/b", "/readyz?role=", "/readyz?role=%zz"])
    func `a role that nobody offers is not found`(target: String) {
        #expect(ask(target).status == 404)
    }

    @Test func `credentials are told by state, and until when they are good by role`() async throws {
        try await fetch("developer")
        _ = cache.lookup(CredentialKey(principal: Sample.ben, role: "readonly"), now: instant)
        let lines = ask("/metrics").body.split(separator: "\n").map(String.init)
        let states = lines.filter { $0.hasPrefix("stsbrokerd_credentials{") }
        #expect(states.count == CredentialReport.State.allCases.count)
        #expect(
            states.filter { !$0.hasSuffix(" 0") } == [
                #"stsbrokerd_credentials{state="fetching"} 1"#, #"stsbrokerd_credentials{state="fresh"} 1"#,
            ])
        #expect(
            lines.filter { $0.hasPrefix("stsbrokerd_credentials_expiry_seconds{") } == [
                #"stsbrokerd_credentials_expiry_seconds{role="developer"} 3600"#
            ])
        #expect(lines.contains("stsbrokerd_ready 0"))
    }

    @Test func `only GET and HEAD are answered, and other paths are nobody's`() {
        #expect(ask("/metrics", method: "HEAD").status == 200)
        for path in ["/metrics", "/healthz", "/readyz"] { #expect(ask(path, method: "POST").status == 405) }
        for path in ["/", "/metrics/", "/v1/status", "/readyzz"] { #expect(ask(path).status == nil) }
    }

    @Test func `every metric that is described is exposed, with its type`() {
        let text = ask("/metrics").body
        for description in DaemonMetrics.descriptions {
            #expect(text.contains("# TYPE \(description.name) "), "\(description.name)")
        }
    }
}

@Suite struct MonitoringListenerTests {
    private func exchange(_ request: String) async throws -> String {
        let settings = CurrentSettings(try Sample.settings())
        let monitoring = try Monitoring(settings.value.audit, logger: Sample.quiet, now: { Date() })
        monitoring.health.setServing(true)
        let pages = monitoring.pages(Sample.cache(), settings, now: { Date() })
        let bound = try await MonitoringListener(pages: pages, logger: Sample.quiet)
            .bind(to: "127.0.0.1:0", on: MultiThreadedEventLoopGroup.singleton)
        let answer = try await RawClient.exchange(
            request.replacing("PORT", with: "\(bound.channel.localAddress?.port ?? 0)"),
            with: try #require(bound.channel.localAddress))
        await bound.close(within: .seconds(5))
        return answer
    }

    private func get(_ path: String, _ headers: String) -> String {
        "GET \(path) HTTP/1.1\r\n\(headers)Connection: close\r\n\r\n"
    }

    @Test(arguments: ["127.0.0.1:PORT", "127.0.0.1", "localhost:PORT"])
    func `metrics are served to whoever names the address`(host: String) async throws {
        let answer = try await exchange(get("/metrics", "Host: \(host)\r\n"))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(answer.contains("\nstsbrokerd_ready 1\n"))
    }

    @Test(arguments: [
        "Host: attacker.example\r\n", "", "Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n",
        "Host: 127.0.0.1\r\nOrigin: http://attacker.example\r\n", "Host: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\n",
    ])
    func `web pages and proxies get nothing`(headers: String) async throws {
        #expect(try await exchange(get("/metrics", headers)).hasPrefix("HTTP/1.1 403 "))
    }

    @Test func `nothing else is there`() async throws {
        #expect(try await exchange(get("/v1/status", "Host: 127.0.0.1\r\n")).hasPrefix("HTTP/1.1 404 "))
    }
}
