import StrictYAML

/// `limits:` what one principal may take of the broker.
struct LimitsSection: Decodable {
    let requestsPerSecond: Int?

    enum CodingKeys: String, CodingKey {
        case requestsPerSecond = "requests_per_second"
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
            String.self, forKey: .requestsPerSecond)
        requestsPerSecond = try text.map { text in
            guard let number = Int(text), (1...100_000).contains(number) else {
                throw decoder.refusal("must have a whole number from 1 to 100000 as \"requests_per_second\"")
            }
            return number
        }
    }
}
