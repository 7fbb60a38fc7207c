import Credentials
import HTTPExchange
import OIDC

/// Where an issuer publishes its keys: a given address, or the one its discovery document names.
struct KeySource: Sendable {
    let issuer: String
    let jwksURI: String?
    let exchange: ProviderExchange

    func fetch() async -> Result<[SigningKey], ProviderExchange.Failure> {
        do throws(ProviderExchange.Failure) {
            let address = if let jwksURI { jwksURI } else { try await discoveredAddress() }
            let body = try await document(at: address)
            guard let keys = SigningKey.keys(inSet: body) else {
                throw ProviderExchange.Failure(reason: "\(address) is not a JWK set")
            }
            guard !keys.isEmpty else {
                throw ProviderExchange.Failure(reason: "\(address) has no usable key")
            }
            return .success(keys)
        } catch {
            return .failure(error)
        }
    }

    /// The document must name this very issuer (OpenID Connect Discovery 1.0 section 4.3).
    private func discoveredAddress() async throws(ProviderExchange.Failure) -> String {
        let address = DiscoveryAddress.url(of: issuer)
        let body = try await document(at: address)
        guard let fields = StrictJSON.decode([String: ClaimValue].self, from: body),
            fields["issuer"]?.stringValue == issuer
        else { throw ProviderExchange.Failure(reason: "\(address) is not the discovery document of this issuer") }
        guard let jwksURI = fields["jwks_uri"]?.stringValue, SecureURL.isAcceptable(jwksURI) else {
            throw ProviderExchange.Failure(reason: "\(address) has no usable jwks_uri")
        }
        return jwksURI
    }

    private func document(at address: String) async throws(ProviderExchange.Failure) -> [UInt8] {
        let answer = try await exchange.get(address)
        guard answer.status == 200 else {
            throw ProviderExchange.Failure(reason: "\(address) answered with status \(answer.status)")
        }
        return answer.body
    }
}
