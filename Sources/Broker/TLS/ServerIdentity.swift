import FoundationEssentials
import NIOSSL
import StrictYAML

/// A certificate and its key that fit, as connections use them.
struct ServerIdentity: Sendable {
    let context: NIOSSLContext
    /// Until when the certificate is good.
    let expiration: Date

    /// Fails unless the files hold what they should, and the key is the certificate's.
    init(_ material: TLSMaterial) throws(InvalidYAML) {
        let paths = material.paths
        let chain = try Self.certificates(material.certificate, in: paths.certificate)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: material.key, format: .pem)
        } catch {
            throw InvalidYAML(
                file: paths.key, position: nil, message: "holds no private key in PEM without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = Self.cipherSuites
        configuration.applicationProtocols = ["http/1.1"]
        if let path = paths.clientCA, let bytes = material.clientCA {
            configuration.trustRoots = .certificates(try Self.certificates(bytes, in: path))
            configuration.sendCANameList = true
            // Clients have no host name to be checked.
            configuration.certificateVerification =
                paths.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw InvalidYAML(file: paths.key, position: nil, message: "is not the key of \(paths.certificate)")
        }
        expiration = Date(timeIntervalSince1970: Double(chain.first?.notValidAfter ?? 0))
    }

    /// RFC 9325, section 4.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others.
    private static let cipherSuites: [NIOTLSCipher] = [
        .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    private static func certificates(_ bytes: [UInt8], in path: String) throws(InvalidYAML) -> [NIOSSLCertificate] {
        let certificates = (try? NIOSSLCertificate.fromPEMBytes(bytes)) ?? []
        guard !certificates.isEmpty else {
            throw InvalidYAML(file: path, position: nil, message: "holds no certificate in PEM")
        }
        return certificates
    }
}
