import StrictYAML

/// `policies:` where policies and teams are governed: a file or directory, or `{managed_by: api}`. There is no default, so that
/// a key that got lost hands them to nobody.
enum PoliciesSource: Decodable, Sendable, Equatable {
    /// A relative path starts at the configuration file.
    case files(String)
    case api

    private enum CodingKeys: String, CodingKey {
        case managedBy = "managed_by"
    }

    init(from decoder: any Decoder) throws {
        if let path = try? decoder.singleValueContainer().decode(String.self) {
            guard !path.isEmpty else { throw decoder.refusal("must not be empty") }
            self = .files(path)
            return
        }
        guard let container = try? decoder.container(keyedBy: CodingKeys.self),
            try container.decode(String.self, forKey: .managedBy) == "api"
        else { throw decoder.refusal("must be the path of a file or directory, or {managed_by: api}") }
        self = .api
    }
}
