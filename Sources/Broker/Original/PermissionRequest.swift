import FoundationEssentials

/// The body of `POST /credentials/request`.
struct PermissionRequest: Decodable {
    let policy: String
    let sessionDuration: Seconds
    /// How whoever asks is told.
    let notificationChannel: RequesterChannel?
    /// An IAM policy as JSON text; empty for none.
    let inlinePolicy: String?
    /// Not the original's, but what policies here may require.
    let reason: String?
    let ticket: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case policy, sessionDuration, notificationChannel, reason, ticket
        case inlinePolicy = "inline_policy"
    }

    /// Seconds as a number, or as a text of digits, which is what menus of old clients send.
    struct Seconds: Decodable {
        let value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                guard let number = Int(text) else {
                    throw DecodingError.typeMismatch(
                        Int.self, .init(codingPath: decoder.codingPath, debugDescription: "not a number"))
                }
                value = number
            } else {
                value = try container.decode(Int.self)
            }
        }
    }

    func wish() throws(Problem) -> Wish {
        // The original's own command line sends an empty text for none.
        try Wish(
            policy: policy, seconds: sessionDuration.value, reason: reason, ticket: ticket,
            inlinePolicy: inlinePolicy?.isEmpty ?? true ? nil : inlinePolicy, channel: notificationChannel)
    }
}
