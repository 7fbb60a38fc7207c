package import CoreMetrics
import Synchronization

/// The metrics of one program: swift-metrics writes to it, ``text()`` reads it.
///
/// Only what was described is kept; a handle for anything else counts nothing, and so does one for a series beyond
/// ``mostSeries``, so that labels can't fill the memory. Ask for a handle once and keep it where speed matters: looking one up
/// takes a lock, using it doesn't.
package final class MetricRegistry: MetricsFactory {
    /// Of one metric.
    package static let mostSeries = 1000

    private struct Family {
        let description: MetricDescription
        /// By the values of the labels.
        var series: [[String]: Series] = [:]
    }

    enum Series: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)
    }

    private let descriptions: [MetricDescription]
    private let families: Mutex<[String: Family]>

    package init(_ descriptions: [MetricDescription]) {
        self.descriptions = descriptions.filter(\.isUsable)
        let families = self.descriptions.map { ($0.name, Family(description: $0)) }
        self.families = Mutex(Dictionary(families) { first, _ in first })
    }

    /// Every metric in Prometheus's text format 0.0.4, in the order in which they were described.
    package func text() -> String {
        let families = families.withLock { $0 }
        var seen: Set<String> = []
        return descriptions.filter { seen.insert($0.name).inserted }.map { description in
            let series = families[description.name]?.series ?? [:]
            return TextFormat.text(of: description, series: series.sorted { $0.key.lexicographicallyPrecedes($1.key) })
        }.joined()
    }

    /// The media type of ``text()``.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Gives a gauge or a counter exactly these series: for one whose labels come and go, or that is counted elsewhere.
    /// - Parameter values: by the values of the labels.
    package func replace(_ name: String, with values: [[String]: Double]) {
        families.withLock { families in
            guard let family = families[name], !family.description.kind.isHistogram,
                values.keys.allSatisfy({ $0.count == family.description.labels.count })
            else { return }
            families[name]?.series = Dictionary(
                values.prefix(Self.mostSeries).map { ($0.key, Series(family.description.kind, value: $0.value)) }
            ) { first, _ in first }
        }
    }

    /// `nil` if it isn't described so, or has other labels.
    /// - Parameter word: what kind it must be.
    private func series(_ name: String, _ dimensions: [(String, String)], _ word: String) -> Series? {
        families.withLock { families in
            guard let family = families[name], family.description.kind.word == word,
                dimensions.count == family.description.labels.count
            else { return nil }
            var values: [String] = []
            for label in family.description.labels {
                guard let value = dimensions.first(where: { $0.0 == label })?.1 else { return nil }
                values.append(value)
            }
            if let known = family.series[values] { return known }
            guard family.series.count < Self.mostSeries else { return nil }
            let new = Series(family.description.kind)
            families[name]?.series[values] = new
            return new
        }
    }
}

extension MetricRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let cell)? = series(label, dimensions, "counter") { cell } else { NOOPMetricsHandler.instance }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        if case .counter(let cell)? = series(label, dimensions, "counter") { cell } else { NOOPMetricsHandler.instance }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let cell)? = series(label, dimensions, "gauge") { cell } else { NOOPMetricsHandler.instance }
    }

    /// swift-metrics' gauge is a recorder that doesn't aggregate.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        switch series(label, dimensions, aggregate ? "histogram" : "gauge") {
        case .gauge(let cell)?: cell
        case .histogram(let cell)?: cell
        default: NOOPMetricsHandler.instance
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        if case .histogram(let cell)? = series(label, dimensions, "histogram") {
            cell
        } else {
            NOOPMetricsHandler.instance
        }
    }

    // What was counted stays, whoever lets go of a handle.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

extension MetricRegistry.Series {
    fileprivate init(_ kind: MetricDescription.Kind, value: Double) {
        self.init(kind)
        switch self {
        case .counter(let cell): cell.increment(by: value)
        case .gauge(let cell): cell.set(value)
        case .histogram: break
        }
    }

    fileprivate init(_ kind: MetricDescription.Kind) {
        switch kind {
        case .counter: self = .counter(CounterCell())
        case .gauge: self = .gauge(GaugeCell())
        case .histogram(let bounds): self = .histogram(HistogramCell(upperBounds: bounds))
        }
    }
}
