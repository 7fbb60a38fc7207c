/// `metrics:` the address for those who watch the broker, on a Unix socket or TCP.
package struct MetricsSection: Decodable, Sendable {
    package let place: ListenPlace

    private struct Fields: Decodable {
        let unix: String?
        let address: String?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        place = try ListenPlace(unix: fields.unix, address: fields.address, at: decoder)
    }
}
