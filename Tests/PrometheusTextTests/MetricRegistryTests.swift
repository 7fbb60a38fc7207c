import CoreMetrics
import PrometheusText
import Testing

@Suite struct MetricRegistryTests {
    private static let descriptions = [
        MetricDescription("requests_total", .counter, labels: ["code", "path"], help: "Requests."),
        MetricDescription("depth", .gauge, help: "A \\ back\nslash."),
        MetricDescription("seconds", .histogram(upperBounds: [0.1, 1]), labels: ["step"], help: "Time."),
        MetricDescription("targets", .gauge, labels: ["name"], help: "Each."),
    ]
    private let registry = MetricRegistry(descriptions)

    private func counter(_ labels: [(String, String)]) -> Counter {
        Counter(label: "requests_total", dimensions: labels, factory: registry)
    }

    @Test func `what was counted, set and observed is written in the order of the descriptions`() {
        counter([("code", "200"), ("path", "/b")]).increment(by: 2)
        counter([("path", "/a"), ("code", "200")]).increment()
        counter([("code", "200"), ("path", "/b")]).increment()
        Gauge(label: "depth", factory: registry).record(1.5)
        let timer = Timer(label: "seconds", dimensions: [("step", "x")], factory: registry)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(500)
        timer.recordSeconds(7)
        #expect(
            registry.text() == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{code="200",path="/a"} 1
                requests_total{code="200",path="/b"} 3
                # HELP depth A \\\\ back\\nslash.
                # TYPE depth gauge
                depth 1.5
                # HELP seconds Time.
                # TYPE seconds histogram
                seconds_bucket{step="x",le="0.1"} 1
                seconds_bucket{step="x",le="1"} 2
                seconds_bucket{step="x",le="+Inf"} 3
                seconds_sum{step="x"} 7.6
                seconds_count{step="x"} 3
                # HELP targets Each.
                # TYPE targets gauge

                """)
    }

    @Test func `labels are escaped`() {
        counter([("code", "a\"b\\c\nd"), ("path", "ü")]).increment()
        #expect(registry.text().contains("requests_total{code=\"a\\\"b\\\\c\\nd\",path=\"ü\"} 1\n"))
    }

    @Test(arguments: [
        [("code", "200")], [("code", "200"), ("way", "/")], [("code", "200"), ("path", "/"), ("more", "x")],
    ])
    func `other labels than those described count nothing`(labels: [(String, String)]) {
        counter(labels).increment()
        Counter(label: "unknown_total", factory: registry).increment()
        Gauge(label: "requests_total", dimensions: [("code", "1"), ("path", "/")], factory: registry).record(1)
        #expect(!registry.text().contains("{") && !registry.text().contains("unknown"))
    }

    @Test func `a counter never falls`() {
        let cell = registry.makeFloatingPointCounter(
            label: "requests_total", dimensions: [("code", "1"), ("path", "")])
        cell.increment(by: 2.5)
        cell.increment(by: -1)
        cell.increment(by: .nan)
        cell.increment(by: .infinity)
        #expect(registry.text().contains(#"requests_total{code="1",path=""} 2.5"#))
    }

    @Test func `labels can't fill the memory`() {
        for number in 0..<(MetricRegistry.mostSeries + 500) {
            counter([("code", "\(number)"), ("path", "")]).increment()
        }
        counter([("code", "0"), ("path", "")]).increment()
        let lines = registry.text().split(separator: "\n").filter { $0.hasPrefix("requests_total{") }
        #expect(lines.count == MetricRegistry.mostSeries)
        #expect(lines.contains(#"requests_total{code="0",path=""} 2"#))
    }

    @Test func `counting at once loses nothing`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [registry] in
                    let counter = Counter(
                        label: "requests_total", dimensions: [("code", "1"), ("path", "")], factory: registry)
                    let timer = Timer(label: "seconds", dimensions: [("step", "x")], factory: registry)
                    for _ in 0..<1000 {
                        counter.increment()
                        timer.recordSeconds(1)
                    }
                }
            }
        }
        #expect(registry.text().contains(#"requests_total{code="1",path=""} 8000"#))
        #expect(registry.text().contains(#"seconds_sum{step="x"} 8000"#))
    }

    @Test func `series that come and go are replaced at once`() {
        registry.replace("targets", with: [["a"]: 1, ["b"]: 2])
        registry.replace("targets", with: [["b"]: 3])
        registry.replace("targets", with: [["a", "b"]: 1])
        #expect(registry.text().hasSuffix("targets{name=\"b\"} 3\n"))
    }

    @Test func `a counter may be counted elsewhere, a histogram not`() {
        registry.replace("requests_total", with: [["200", "/x"]: 7])
        registry.replace("seconds", with: [["x"]: 1])
        #expect(registry.text().contains(#"requests_total{code="200",path="/x"} 7"#))
        #expect(!registry.text().contains("seconds_count{"))
    }

    @Test(arguments: [("0abc", []), ("a-b", []), ("", []), ("a", ["b-c"]), ("a", ["__b"]), ("a", ["b", "b"])])
    func `a name that Prometheus can't read is never exported`(name: String, labels: [String]) {
        #expect(MetricRegistry([MetricDescription(name, .gauge, labels: labels, help: "x")]).text().isEmpty)
        let histogram = MetricDescription("a", .histogram(upperBounds: [1]), labels: ["le"], help: "x")
        #expect(MetricRegistry([histogram]).text().isEmpty)
    }

    @Test func `numbers that aren't finite are spelled as Prometheus spells them`() {
        for (value, text) in [
            (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"), (Double.nan, "NaN"), (1e21, "1e+21"),
        ] {
            Gauge(label: "depth", factory: registry).record(value)
            #expect(registry.text().contains("depth \(text)\n"))
        }
    }
}
