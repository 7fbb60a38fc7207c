import FoundationEssentials
import StrictYAML

/// `audit:` how the trail is signed.
struct AuditSection: Decodable, Sendable {
    /// Relative to the configuration file; `nil`: beside the database, made if it is absent.
    let keyFile: String?
    let schedule: CheckpointSchedule

    private struct Fields: Decodable {
        let keyFile: String?
        let records: String?
        let interval: ConfiguredDuration?

        enum CodingKeys: String, CodingKey {
            case keyFile = "key_file"
            case records = "checkpoint_records"
            case interval = "checkpoint_interval"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        keyFile = fields.keyFile
        let standard = CheckpointSchedule()
        let records = fields.records.map { Int64($0) } ?? standard.records
        guard let records, (1...1_000_000).contains(records) else {
            throw decoder.refusal("must have a whole number from 1 to 1000000 as \"checkpoint_records\"")
        }
        let interval = fields.interval.map { TimeInterval($0.seconds) } ?? standard.interval
        guard (60...86_400).contains(interval) else {
            throw decoder.refusal("must have a \"checkpoint_interval\" of 1m to 1d")
        }
        schedule = CheckpointSchedule(records: records, interval: interval)
    }
}
