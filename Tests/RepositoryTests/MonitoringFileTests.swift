import Broker
import Daemon
import Foundation
import PrometheusText
import StrictYAML
import Testing

/// What dashboards, alert rules and documents say of metrics, against what the programs expose.
@Suite struct MonitoringFileTests {
    private static let descriptions = DaemonMetrics.descriptions + BrokerMetrics.descriptions

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    /// The names of all series, as Prometheus stores them.
    private static var series: Set<String> {
        Set(
            descriptions.flatMap { description -> [String] in
                guard case .histogram = description.kind else { return [description.name] }
                return ["_bucket", "_sum", "_count"].map { description.name + $0 }
            })
    }

    private static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\b(?:stsbrokerd?|process)_[a-z0-9_]+/).map { String($0.0) })
    }

    @Test(arguments: ["config/monitoring/stsbroker.rules.yaml", "config/monitoring/stsbrokerd-dashboard.json"])
    func `every metric that is named is exposed`(path: String) throws {
        let names = Self.names(in: try Self.text(path))
        #expect(names.count > 10)
        #expect(names.subtracting(Self.series) == [])
    }

    @Test(arguments: ["config/monitoring/stsbroker.rules.yaml", "config/monitoring/stsbrokerd-dashboard.json"])
    func `every label by which series are grouped or chosen is one that they have`(path: String) throws {
        let known = Set(Self.descriptions.flatMap(\.labels) + ["le", "instance", "job"])
        let text = try Self.text(path)
        let grouped = text.matches(of: /by \(([a-z_, ]+)\)/).flatMap { $0.1.split(separator: ", ").map(String.init) }
        let shown = text.matches(of: /\$labels\.([a-z_]+)/).map { String($0.1) }
        let chosen = text.matches(of: /[{,]([a-z_]+)=~?\\?"/).map { String($0.1) }
        #expect(Set(grouped + shown + chosen).subtracting(known) == [])
    }

    private struct Rules: Decodable, Sendable {
        struct Group: Decodable, Sendable {
            let name: String
            let rules: [Rule]
        }

        struct Rule: Decodable, Sendable {
            let alert: String
            let expr: String
            let `for`: String?
            let labels: [String: String]
            let annotations: [String: String]
        }

        let groups: [Group]
    }

    @Test func `alert rules have Prometheus's form, and each says what it is about and how bad`() throws {
        let path = Repository.root.appending(path: "config/monitoring/stsbroker.rules.yaml").path
        let rules = try StrictYAML.readDocument(Rules.self, path: path, environment: [:], environmentPrefix: "X").value
        let all = rules.groups.flatMap(\.rules)
        #expect(Set(all.map(\.alert)).count == all.count && all.count > 10)
        for rule in all {
            #expect(["warning", "critical"].contains(rule.labels["severity"]), "\(rule.alert)")
            #expect(rule.annotations["summary"]?.isEmpty == false, "\(rule.alert)")
            #expect(rule.for.map { ConfiguredDuration($0) != nil } ?? true, "\(rule.alert)")
        }
    }

    /// Prometheus's own judge, where it is installed.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
    func `promtool finds nothing wrong with the alert rules`() throws {
        let judge = Process()
        judge.executableURL = URL(filePath: "/usr/bin/promtool")
        judge.arguments = [
            "check", "rules", Repository.root.appending(path: "config/monitoring/stsbroker.rules.yaml").path,
        ]
        try judge.run()
        judge.waitUntilExit()
        #expect(judge.terminationStatus == 0)
    }

    @Test func `the dashboard is JSON whose panels don't overlap and have names of their own`() throws {
        let data = Data(try Self.text("config/monitoring/stsbrokerd-dashboard.json").utf8)
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        var cells: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y, width, height) = (place["x"] ?? 0, place["y"] ?? 0, place["w"] ?? 0, place["h"] ?? 0)
            #expect(width > 0 && height > 0 && x + width <= 24)
            for cell in (0..<width * height).map({ [x + $0 % width, y + $0 / width] }) {
                #expect(cells.insert(cell).inserted, "\(panel["title"] ?? "")")
            }
        }
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        #expect(Set(panels.compactMap { $0["title"] as? String }).count == panels.count)
    }

    @Test(arguments: [
        ("docs/operations.md", DaemonMetrics.descriptions), ("docs/metrics.md", BrokerMetrics.descriptions),
    ])
    func `the document has each metric with its labels, and no other`(
        path: String, descriptions: [MetricDescription]
    ) throws {
        let rows = try Self.text(path).matches(of: /\| `((?:stsbrokerd?|process)_[a-z_]+)` \|([^|]*)\|/)
        #expect(rows.map { String($0.1) } == descriptions.map(\.name))
        for (row, description) in zip(rows, descriptions) {
            let labels = row.2.matches(of: /`([a-z_]+)`/).map { String($0.1) }
            #expect(labels == description.labels, "\(description.name)")
        }
    }
}
