import Credentials
import FoundationEssentials
import HTTPExchange

/// Credentials as the container endpoint and the instance metadata service write them.
struct ServedKey: Decodable {
    /// `Success`, or why there are none; the instance metadata service only.
    let code: String?
    let accessKeyID: String?
    let secretAccessKey: String?
    let token: String?
    let expiration: String?

    enum CodingKeys: String, CodingKey {
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }

    /// The key that a complete answer has; both endpoints serve roles only.
    /// - Parameter source: the subject of an error: "SOURCE has …".
    static func key(in answer: HTTPAnswer, of source: String) throws(AWSError) -> OwnKey {
        guard answer.status == 200 else {
            throw .keysUnavailable("\(source) answered with status \(answer.status)")
        }
        guard let served = answer.decoded(ServedKey.self) else {
            throw .keysUnavailable("\(source) answered with what is no credentials")
        }
        guard served.code ?? "Success" == "Success" else {
            throw .keysUnavailable("\(source) answered \(Excerpt.line(served.code ?? "", limit: 64))")
        }
        guard let id = served.accessKeyID, let secret = served.secretAccessKey, let token = served.token,
            [id, secret, token].allSatisfy(AWSAccessKey.isKeyText), let text = served.expiration,
            let expiration = AWSTimestamp.date(text)
        else { throw .keysUnavailable("\(source) answered with credentials that lack something") }
        let key = AWSAccessKey(accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: Secret(token))
        return OwnKey(key, expiration: expiration, belongsToRole: true)
    }
}
