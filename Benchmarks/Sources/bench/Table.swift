import Foundation
import Histogram

/// The results, a line for each scenario and server.
struct Table {
    private(set) var lastLines = ""
    private var isFirst = true

    mutating func add(_ scenario: Scenario, _ ours: Load.Result, baseline: Load.Result) {
        var lines: [String] = []
        if isFirst {
            lines.append(
                Self.line(["scenario", "conns", "server", "req/s", "p50 µs", "p99 µs", "p99.9 µs", "CPU µs/req"]))
            isFirst = false
        }
        lines.append(Self.line(scenario, "stsbrokerd", ours))
        lines.append(Self.line(scenario, "bare NIO", baseline))
        let rate = ours.requestsPerSecond / baseline.requestsPerSecond
        let time = ours.processorTime / baseline.processorTime
        lines.append(Self.line(["", "", "ratio", Self.text(rate, 2), "", "", "", Self.text(time, 2)]))
        lastLines = lines.joined(separator: "\n")
    }

    private static func line(_ scenario: Scenario, _ server: String, _ result: Load.Result) -> String {
        let percentiles = [50.0, 99, 99.9].map { text(Double(result.latencies.valueAtPercentile($0)) / 1000, 0) }
        return line(
            [scenario.name, "\(scenario.connections)", server, text(result.requestsPerSecond, 0)] + percentiles
                + [text(result.processorTime, 1)])
    }

    private static func line(_ cells: [String]) -> String {
        let widths = [28, 6, 12, 9, 8, 8, 9, 11]
        return zip(cells, widths).enumerated().map { column, pair in
            let (cell, width) = pair
            let blanks = String(repeating: " ", count: max(0, width - cell.count))
            return column == 0 || column == 2 ? cell + blanks : blanks + cell
        }.joined(separator: " ")
    }

    private static func text(_ number: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", number)
    }
}
