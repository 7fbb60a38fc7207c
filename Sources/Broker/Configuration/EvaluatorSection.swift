import FoundationEssentials
import StrictYAML

/// `evaluator:` the company's own program that says which requests need a person.
package struct EvaluatorSection: Decodable, Sendable {
    let url: String
    /// Relative to the configuration file.
    let keyFile: String
    /// 1 to 3 s: it comes before AWS's own answer, and a daemon waits for 10 s altogether.
    let timeout: Duration

    private struct Fields: Decodable {
        let url: String
        let keyFile: String
        let timeout: ConfiguredDuration?

        enum CodingKeys: String, CodingKey {
            case url, timeout
            case keyFile = "key_file"
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        guard NotificationURL.isUsable(fields.url) else {
            throw decoder.refusal("must have a \"url\" with https, or with http on loopback")
        }
        url = fields.url
        keyFile = fields.keyFile
        timeout = fields.timeout?.duration ?? .seconds(2)
        guard (.seconds(1) ... .seconds(3)).contains(timeout) else {
            throw decoder.refusal("must have a \"timeout\" of 1s to 3s")
        }
    }
}
