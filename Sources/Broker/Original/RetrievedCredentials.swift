import AccessControl
import Credentials
import FoundationEssentials

/// The answer to `GET /credentials`.
struct RetrievedCredentials: Encodable {
    private let userID: String
    private let credentials: SessionCredentials

    private let signInURL: Secret?

    init(_ pickedUp: CredentialIssuance.PickedUp, signInURL: Secret?) {
        self.signInURL = signInURL
        userID = pickedUp.grant.userName
        credentials = pickedUp.credentials
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "userid"
        case credentials, expiration
        case signInURL = "signin_url"
    }

    private enum CredentialsKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
    }

    func encode(to encoder: any Encoder) throws {
        var answer = encoder.container(keyedBy: CodingKeys.self)
        try answer.encode(userID, forKey: .userID)
        try answer.encode(
            Int64(exactly: credentials.expiration.timeIntervalSince1970.rounded(.down)), forKey: .expiration)
        // Old clients read the key, so it is there in any case.
        try answer.encode(signInURL?.revealed(), forKey: .signInURL)
        var fields = answer.nestedContainer(keyedBy: CredentialsKeys.self, forKey: .credentials)
        try fields.encode(credentials.accessKeyID, forKey: .accessKeyID)
        try fields.encode(credentials.secretAccessKey.revealed(), forKey: .secretAccessKey)
        try fields.encode(credentials.sessionToken.revealed(), forKey: .sessionToken)
        try fields.encode(AWSTimestamp.text(credentials.expiration), forKey: .expiration)
    }
}
