/// Prometheus's text format 0.0.4 (Prometheus, "Exposition formats").
enum TextFormat {
    static func text(
        of description: MetricDescription, series: [(key: [String], value: MetricRegistry.Series)]
    ) -> String {
        let name = description.name
        var text = "# HELP \(name) \(escapedHelp(description.help))\n# TYPE \(name) \(description.kind.word)\n"
        for (values, series) in series {
            let labels = zip(description.labels, values).map { (name: $0, value: $1) }
            switch series {
            case .counter(let cell): text += sample(name, labels, cell.value)
            case .gauge(let cell): text += sample(name, labels, cell.value)
            case .histogram(let cell): text += samples(name, labels, of: cell)
            }
        }
        return text
    }

    /// Buckets are counted from the smallest on: each has all those below it.
    private static func samples(_ name: String, _ labels: [(name: String, value: String)], of cell: HistogramCell)
        -> String
    {
        let snapshot = cell.snapshot
        var (text, count) = ("", UInt64(0))
        for (index, bucket) in snapshot.counts.enumerated() {
            count += bucket
            let bound = index < cell.upperBounds.count ? number(cell.upperBounds[index]) : "+Inf"
            text += sample("\(name)_bucket", labels + [("le", bound)], Double(count))
        }
        return text + sample("\(name)_sum", labels, snapshot.sum) + sample("\(name)_count", labels, Double(count))
    }

    private static func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) -> String {
        let pairs = labels.map { "\($0.name)=\"\(escapedLabel($0.value))\"" }.joined(separator: ",")
        return "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escapedHelp(_ text: String) -> String {
        escaped(text, quotes: false)
    }

    private static func escapedLabel(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    /// By hand: the library's replacing of texts brings its regular expressions along, which are larger than all of this.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\"" where quotes: result.append(contentsOf: "\\\"".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
