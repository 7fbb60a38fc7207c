import AccessControl
import FoundationEssentials

extension AuditEvent {
    /// The event's fields as one JSON object with sorted keys.
    func details() throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let data =
                switch self {
                case .request(let event): try encoder.encode(event)
                case .decision(let event): try encoder.encode(event)
                case .issuance(let event): try encoder.encode(event)
                case .refusal(let event): try encoder.encode(event)
                case .vote(let event): try encoder.encode(event)
                case .stateChange(let event): try encoder.encode(event)
                case .policyChange(let event): try encoder.encode(event)
                case .authenticationFailure(let event): try encoder.encode(event)
                case .roleDenial(let event): try encoder.encode(event)
                }
            return String(decoding: data, as: UTF8.self)
        } catch {
            throw .unavailable("an audit event cannot be written as JSON")
        }
    }

    /// Reads what ``details()`` wrote.
    init(kind: String, details: String) throws(StoreError) {
        let decoder = JSONDecoder()
        let data = Data(details.utf8)
        do {
            switch Kind(rawValue: kind) {
            case .request: self = .request(try decoder.decode(AuditedRequest.self, from: data))
            case .decision: self = .decision(try decoder.decode(AuditedDecision.self, from: data))
            case .issuance: self = .issuance(try decoder.decode(AuditedIssuance.self, from: data))
            case .refusal: self = .refusal(try decoder.decode(AuditedRefusal.self, from: data))
            case .vote: self = .vote(try decoder.decode(AuditedVote.self, from: data))
            case .stateChange: self = .stateChange(try decoder.decode(AuditedStateChange.self, from: data))
            case .policyChange: self = .policyChange(try decoder.decode(AuditedPolicyChange.self, from: data))
            case .authenticationFailure:
                self = .authenticationFailure(try decoder.decode(AuditedAuthenticationFailure.self, from: data))
            case .roleDenial: self = .roleDenial(try decoder.decode(AuditedRoleDenial.self, from: data))
            case nil: throw StoreError.unreadable("an audit event of the unknown kind \"\(kind)\"")
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable("an audit event of kind \"\(kind)\"")
        }
    }
}
