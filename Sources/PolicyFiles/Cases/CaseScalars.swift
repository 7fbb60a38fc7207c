import AccessControl
import Credentials
import FoundationEssentials

/// An address, as people write it.
struct AddressField: Decodable {
    let address: SourceAddress

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = SourceAddress(text) else { throw decoder.refusal("must be an IPv4 or IPv6 address") }
        self.address = address
    }
}

/// An instant as `2030-01-02T12:00:00Z`.
struct InstantField: Decodable {
    let instant: Date

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = AWSTimestamp.date(text) else {
            throw decoder.refusal("must be an instant like 2030-01-02T12:00:00Z")
        }
        self.instant = instant
    }
}

struct OutcomeField: Decodable {
    let outcome: Decision.Outcome

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let outcome = Decision.Outcome(rawValue: text) else {
            throw decoder.refusal("must be allow, deny or needs_approval")
        }
        self.outcome = outcome
    }
}

/// What an evaluator says; `none` for no answer.
struct EvaluatorField: Decodable {
    let evaluation: ExternalEvaluation

    private static let words: [String: ExternalEvaluation] = [
        "automatic": .automatic, "manual": .manual, "none": .unanswered,
    ]

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let evaluation = Self.words[text] else { throw decoder.refusal("must be automatic, manual or none") }
        self.evaluation = evaluation
    }
}

/// A request's own inline policy, refused where the broker would refuse it before any rule is asked.
struct InlinePolicyField: Decodable {
    /// In ``RequestedInlinePolicy``'s form.
    let text: String

    init(from decoder: any Decoder) throws {
        let written = try decoder.singleValueContainer().decode(String.self)
        do throws(InvalidInlinePolicy) {
            text = try RequestedInlinePolicy.normalized(written)
        } catch {
            throw decoder.refusal("\(error)")
        }
    }
}
