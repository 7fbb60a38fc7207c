/// `listen:` where the server listens, and what it makes of whoever connects.
package struct ListenSection: Decodable, Sendable {
    package let place: ListenPlace
    let trustedProxies: TrustedProxies
    let tls: TLSSection?

    private struct Fields: Decodable {
        let unix: String?
        let address: String?
        let trustedProxies: TrustedProxies?
        let tls: TLSSection?

        enum CodingKeys: String, CodingKey {
            case unix, address, tls
            case trustedProxies = "trusted_proxies"
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        place = try ListenPlace(unix: fields.unix, address: fields.address, at: decoder)
        tls = fields.tls
        trustedProxies = fields.trustedProxies ?? TrustedProxies()
    }
}
