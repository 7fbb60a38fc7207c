/// `listen.tls:` the broker's own certificate, and whether clients need one. Relative paths start at the configuration file.
struct TLSSection: Decodable, Sendable {
    /// Whether a client must present a certificate.
    enum ClientCertificates: String, Sendable {
        case required
        case optional
    }

    let certificate: String
    let key: String
    let clientCA: String?
    let clientCertificates: ClientCertificates

    private struct Fields: Decodable {
        let certificate: String
        let key: String
        let clientCA: String?
        let clientCertificates: String?

        enum CodingKeys: String, CodingKey {
            case certificate, key
            case clientCA = "client_ca"
            case clientCertificates = "client_certificates"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        certificate = fields.certificate
        key = fields.key
        clientCA = fields.clientCA
        guard let clientCertificates = ClientCertificates(rawValue: fields.clientCertificates ?? "required") else {
            throw decoder.refusal("must have \"required\" or \"optional\" as \"client_certificates\"")
        }
        self.clientCertificates = clientCertificates
        guard fields.clientCA != nil || fields.clientCertificates == nil else {
            throw decoder.refusal("must have a \"client_ca\" for the \"client_certificates\" to be signed by")
        }
    }
}
