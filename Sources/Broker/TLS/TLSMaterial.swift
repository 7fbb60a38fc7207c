import Crypto
import FoundationEssentials
import StrictYAML

/// The bytes of a certificate chain, its key and the certificates that clients' must be signed by, read at one time.
struct TLSMaterial: Sendable {
    let paths: TLSPaths
    let certificate: [UInt8]
    let key: [UInt8]
    let clientCA: [UInt8]?

    /// Fails if a file can't be read, or if everybody may read the key.
    init(_ paths: TLSPaths) throws(InvalidYAML) {
        self.paths = paths
        certificate = try ConfiguredFile.bytes(of: paths.certificate)
        key = try ConfiguredFile.bytes(of: paths.key, secrecy: .group)
        clientCA = if let path = paths.clientCA { try ConfiguredFile.bytes(of: path) } else { nil }
    }

    /// Tells whether anything has changed.
    var digest: [UInt8] {
        var hash = SHA256()
        for part in [certificate, key, clientCA ?? []] {
            hash.update(data: Data("\(part.count):".utf8))
            hash.update(data: part)
        }
        return Array(hash.finalize())
    }
}

/// Where they are; absolute, or relative to the working directory.
struct TLSPaths: Sendable, Equatable {
    let certificate: String
    let key: String
    let clientCA: String?
    let requiresClientCertificate: Bool

    init(_ section: TLSSection, relativeTo file: String) {
        certificate = ServerConfiguration.path(section.certificate, relativeTo: file)
        key = ServerConfiguration.path(section.key, relativeTo: file)
        clientCA = section.clientCA.map { ServerConfiguration.path($0, relativeTo: file) }
        requiresClientCertificate = section.clientCertificates == .required
    }
}
