import BrokerAPI
import Hummingbird

/// `GET /v1/configuration`: where people sign in. Needs no token.
struct ConfigurationRoute: Sendable {
    let issuers: [BrokerConfiguration.Issuer]

    var route: Route {
        Route(method: .get, path: "/v1/configuration") { _ in
            JSONAnswer.response(BrokerConfiguration(version: BrokerVersion.text, issuers: issuers))
        }
    }
}
