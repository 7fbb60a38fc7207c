import AWSAPI
import BrokerStore
import StrictYAML

/// Why the server didn't start, or stopped.
enum StartFailure: Error, CustomStringConvertible {
    case awsKey(AWSError)
    case signingKeys(SigningKeyFault)
    case lock(path: String, problem: String)
    case inUse(database: String)
    case records(StoreError)
    case auditKey(InvalidYAML)
    case trailBroken
    case governedByAPI(policies: String)
    case serving(String)

    var description: String {
        switch self {
        case .awsKey(let error): "\(error)"
        case .signingKeys(let fault): "\(fault)"
        case .lock(let path, let problem):
            "can't open \(path): \(problem); does its folder exist, and may this user write it?"
        case .inUse(let database): "another stsbroker-server uses \(database); stop it first"
        case .records(let error): "\(error)"
        case .auditKey(let error): "\(error)"
        case .trailBroken: "the audit trail does not hold; the line above says where"
        case .governedByAPI(let policies):
            "the policies in the database are governed by the admin API, and \(policies) would replace them: say "
                + "\"policies: {managed_by: api}\", or start once with --replace-governed-policies"
        case .serving(let problem): "stopped: \(problem)"
        }
    }
}
