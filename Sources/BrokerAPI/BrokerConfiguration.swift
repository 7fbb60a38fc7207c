/// The answer to `GET /v1/configuration`: what a machine must know before anybody has signed in. Public, nothing in it is secret.
package struct BrokerConfiguration: Codable, Sendable, Equatable {
    /// The broker's.
    package var version: String
    /// Where people may sign in with the command line.
    package var issuers: [Issuer]

    package init(version: String, issuers: [Issuer]) {
        self.version = version
        self.issuers = issuers
    }

    package struct Issuer: Codable, Sendable, Equatable {
        package var issuer: String
        /// The public client that is registered there.
        package var clientID: String

        package init(issuer: String, clientID: String) {
            self.issuer = issuer
            self.clientID = clientID
        }

        enum CodingKeys: String, CodingKey {
            case issuer
            case clientID = "client_id"
        }
    }
}
