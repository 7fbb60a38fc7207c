/// What one metric is called and means. The names follow Prometheus's rules (`[a-zA-Z_][a-zA-Z0-9_]*`); a name that
/// doesn't is never exported.
package struct MetricDescription: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only ever rises; its name ends in `_total`.
        case counter
        case gauge
        /// - Parameter upperBounds: of the buckets, rising, in the unit of the name; the one without end is added.
        case histogram(upperBounds: [Double])
    }

    package let name: String
    /// One sentence for whoever builds a dashboard.
    package let help: String
    package let kind: Kind
    /// The names of the labels that every series of it has.
    package let labels: [String]

    package init(_ name: String, _ kind: Kind, labels: [String] = [], help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    /// Prometheus, "Data model": the names that may be exported. Two underscores at the start of a label are reserved, and so is
    /// `le` in a histogram.
    var isUsable: Bool {
        let isReserved = labels.contains { $0.hasPrefix("__") || ($0 == "le" && kind.isHistogram) }
        return ([name] + labels).allSatisfy(isMetricName) && Set(labels).count == labels.count && !isReserved
    }
}

extension MetricDescription.Kind {
    var isHistogram: Bool { if case .histogram = self { true } else { false } }

    /// The word of the text format.
    var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

private func isMetricName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}
