import CallerIdentity
import CredentialCache
import Credentials
import Foundation
import MetadataServer
import TestSupport
import Testing

@testable import Daemon

@Suite struct RequestMonitorTests {
    private let metrics = DaemonMetrics(startedAt: Date(timeIntervalSince1970: 1_700_000_000.4))

    private func connection(
        _ face: ListenerFace = .containerCredentials, audit: AuditLog? = nil
    ) -> any ConnectionObserver {
        let caller = ObservedCaller(.success(Caller(userID: 1000, groupID: nil, processID: 42)))
        return RequestMonitor(metrics: metrics, audit: audit).connected(
            ObservedConnection(caller: caller, listener: "containers", face: face))
    }

    private func lines(_ prefix: String) -> [String] {
        metrics.text([:], isReady: true, now: Date(timeIntervalSince1970: 0)).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }

    private func request(
        _ agent: String, _ status: UInt = 200, _ outcome: RequestOutcome = .told, nanoseconds: Int64? = 40_000
    ) -> AnsweredRequest {
        AnsweredRequest(userAgent: agent, status: status, outcome: outcome, nanoseconds: nanoseconds)
    }

    @Test func `requests are counted by face, status and family, whatever callers call themselves`() {
        let (container, imds) = (connection(), connection(.instanceMetadata))
        for agent in ["Boto3/1.43.11 md/Botocore#1", "Botocore/1", "boto3/2"] { container.answered(request(agent)) }
        for number in 0..<5000 { container.answered(request("made up \(number)", 999)) }
        imds.answered(request("", 404))
        #expect(
            lines("stsbrokerd_requests_total") == [
                #"stsbrokerd_requests_total{face="container",code="200",sdk="botocore"} 3"#,
                #"stsbrokerd_requests_total{face="container",code="other",sdk="other"} 5000"#,
                #"stsbrokerd_requests_total{face="imds",code="404",sdk="none"} 1"#,
            ])
    }

    @Test func `answers are timed by face, those without a request's end not`() {
        let container = connection()
        container.answered(request("a"))
        container.answered(request("a", nanoseconds: nil))
        let times = lines("stsbrokerd_request_duration_seconds")
        #expect(times.contains(#"stsbrokerd_request_duration_seconds_count{face="container"} 1"#))
        #expect(times.contains(#"stsbrokerd_request_duration_seconds_bucket{face="container",le="2.5e-05"} 0"#))
        #expect(times.contains(#"stsbrokerd_request_duration_seconds_bucket{face="container",le="5e-05"} 1"#))
    }

    @Test func `connections are counted until they close, once`() {
        let (one, two) = (connection(), connection())
        #expect(lines("stsbrokerd_connections").contains(#"stsbrokerd_connections{face="container"} 2"#))
        for connection in [one, two, two] { connection.closed() }
        #expect(
            lines("stsbrokerd_connections") == [
                #"stsbrokerd_connections{face="container"} 0"#, #"stsbrokerd_connections{face="imds"} 0"#,
            ])
    }

    @Test func `who is turned away is counted by reason, and each reason is there from the start`() {
        #expect(lines("stsbrokerd_callers_denied_total{").count == DenialReason.allCases.count)
        connection().answered(
            request("a", 403, .failed(RequestFailure(code: "CallerNotAllowed", denial: .noRule, key: nil))))
        RequestMonitor(metrics: metrics, audit: nil).dropped()
        #expect(
            lines("stsbrokerd_callers_denied_total{").filter { !$0.hasSuffix(" 0") } == [
                #"stsbrokerd_callers_denied_total{reason="connection_dropped"} 1"#,
                #"stsbrokerd_callers_denied_total{reason="no_rule"} 1"#,
            ])
    }

    @Test func `a connection's like requests are one line of the audit and a count`() async throws {
        let sink = CollectedAudit()
        let audit = AuditLog(sink: sink, noting: .unixSockets, now: { Date(timeIntervalSince1970: 0) })
        let connection = connection(audit: audit)
        let key = CredentialKey(principal: Sample.ana, role: "developer")
        let credentials = PreparedCredentials(try Sample.credentials(), lastUpdated: Date(timeIntervalSince1970: 0))
        for _ in 0..<10 { connection.answered(request("aws-cli/2", 200, .handedOut(key, credentials))) }
        connection.answered(request("aws-cli/2"))
        audit.finish()
        #expect(await sink.summary(audit) == ["issued developer MPLE 1", "issued developer MPLE 9"])
    }

    @Test(arguments: [
        ("aws-cli/2.15.0 Python/3.11", SDKFamily.awsCLI), ("aiobotocore/3.9 md/x", .botocore),
        ("aws-sdk-go-v2/1.30 os/linux", .goV2), ("aws-sdk-go/1.44 (go1.19)", .go), ("AWS-SDK-CPP/1.11", .cpp),
        ("aws-sdk-nodejs/2.1", .javaScript), ("aws-sdk-ruby3/3.168", .ruby), ("aws-sdk-dotnet-coreclr/3", .dotnet),
        ("MinIO (linux; amd64) minio-go/v7", .minio), ("Go-http-client/1.1", .goHTTP), ("curl/8", .curl),
        ("python-urllib3/2", .python), ("", .none), ("aws-cli", .other), ("xaws-cli/1", .other), ("🦀", .other),
    ])
    func `a family is known by how the user agent begins`(agent: String, family: SDKFamily) {
        #expect(SDKFamily(userAgent: agent) == family)
    }

    @Test func `refreshes are counted, and failures by code`() {
        metrics.refreshed(after: .milliseconds(80), nil)
        metrics.refreshed(after: .seconds(3), .brokerUnreachable("nobody answers"))
        #expect(lines("stsbrokerd_refresh_attempts_total") == ["stsbrokerd_refresh_attempts_total 2"])
        #expect(
            lines("stsbrokerd_refresh_failures_total") == [
                #"stsbrokerd_refresh_failures_total{code="BrokerUnreachable"} 1"#
            ])
        #expect(lines("stsbrokerd_refresh_duration_seconds_sum") == ["stsbrokerd_refresh_duration_seconds_sum 3.08"])
    }

    @Test func `the process is described as by Prometheus's clients`() throws {
        #expect(lines("process_start_time_seconds") == ["process_start_time_seconds 1700000000"])
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
            "process_open_fds", "process_max_fds",
        ] {
            let value = try #require(lines(name).first?.split(separator: " ").last.flatMap { Double($0) })
            #expect(value > 0, "\(name)")
        }
    }
}
