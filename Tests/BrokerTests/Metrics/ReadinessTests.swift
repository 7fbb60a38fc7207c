import Foundation
import Hummingbird
import HummingbirdTesting
import PrometheusText
import Synchronization
import TestSupport
import Testing

@testable import Broker

@Suite struct ReadinessTests {
    private struct Broken: Error, CustomStringConvertible { let description = "disk /dev/sda1 is full" }

    private final class Switch: Sendable {
        let works = Mutex(true)
        func verify() throws { if !works.withLock({ $0 }) { throw Broken() } }
    }

    private let clock = SettableClock()
    private let database = Switch()
    private let log = LogLines()
    private let metrics = BrokerMetrics()

    private func readiness() -> Readiness {
        Readiness(
            checks: [
                ReadinessCheck("database") { [database] in try database.verify() }, ReadinessCheck("policies") {},
            ], metrics: metrics, logger: log.logger, now: { [clock] in clock.now })
    }

    @Test func `nobody is ready before somebody has looked, nor when nobody has for long`() async {
        let readiness = readiness()
        #expect(readiness.checked == ["database": false, "policies": false])
        await readiness.look()
        #expect(readiness.checked == ["database": true, "policies": true])
        clock.advance(by: 31)
        #expect(readiness.checked == ["database": false, "policies": false])
    }

    @Test func `when the broker stops nobody is ready, whatever a check finds after that`() async {
        let readiness = readiness()
        await readiness.look()
        readiness.end()
        #expect(readiness.checked == ["database": false, "policies": false])
        await readiness.look()
        #expect(readiness.checked == ["database": false, "policies": false])
    }

    @Test func `what fails is named, logged once, and counted`() async {
        let readiness = readiness()
        database.works.withLock { $0 = false }
        for _ in 0..<3 { await readiness.look() }
        #expect(readiness.checked == ["database": false, "policies": true])
        #expect(log.text.components(separatedBy: "disk /dev/sda1 is full").count == 2)
        #expect(metrics.registry.text().contains(#"stsbroker_ready{check="database"} 0"#))
        database.works.withLock { $0 = true }
        await readiness.look()
        #expect(readiness.checked == ["database": true, "policies": true])
        #expect(log.text.contains("ready again"))
    }

    @Test func `strangers learn whether, neighbours learn what`() async throws {
        let readiness = readiness()
        database.works.withLock { $0 = false }
        await readiness.look()
        let health = HealthRoutes(readiness: readiness)
        for (detailed, body) in [
            (false, #"{"status":"unavailable"}"#),
            (true, #"{"checks":{"database":"failed","policies":"ok"},"status":"unavailable"}"#),
        ] {
            let router = Router()
            router.get("/readyz") { request, _ in try await health.ready(detailed: detailed).answer(request, "") }
            try await Application(router: router).test(.router) { client in
                let answer = try await client.execute(uri: "/readyz", method: .get)
                #expect(answer.status == .serviceUnavailable)
                #expect(String(buffer: answer.body) == body)
            }
        }
    }
}
