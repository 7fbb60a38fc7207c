import StrictYAML

/// `limits:` what one principal, and one address, may take of the broker.
struct LimitsSection: Decodable {
    let requestsPerSecond: Int?
    let addressRequestsPerSecond: Int?
    let failedSignInsPerMinute: Int?
    let connections: Int?
    let connectionsPerAddress: Int?

    enum CodingKeys: String, CodingKey {
        case requestsPerSecond = "requests_per_second"
        case addressRequestsPerSecond = "address_requests_per_second"
        case failedSignInsPerMinute = "failed_sign_ins_per_minute"
        case connections
        case connectionsPerAddress = "connections_per_address"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func count(_ key: CodingKeys) throws -> Int? {
            guard let text = try fields.decodeIfPresent(String.self, forKey: key) else { return nil }
            guard let number = Int(text), (1...100_000).contains(number) else {
                throw decoder.refusal("must have a whole number from 1 to 100000 as \"\(key.stringValue)\"")
            }
            return number
        }
        requestsPerSecond = try count(.requestsPerSecond)
        addressRequestsPerSecond = try count(.addressRequestsPerSecond)
        failedSignInsPerMinute = try count(.failedSignInsPerMinute)
        connections = try count(.connections)
        connectionsPerAddress = try count(.connectionsPerAddress)
    }
}
