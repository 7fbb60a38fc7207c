import NIOSSL
import Synchronization

/// What a client trusts, and how it proves itself, all in PEM.
package struct TLSMaterial: Sendable, Equatable {
    /// The only authorities whose servers are called; `nil` for the system's.
    package var roots: [UInt8]?
    /// The client's own certificate, then those between it and the authority; for servers that ask for one.
    package var certificateChain: [UInt8]?
    /// That certificate's key, without a passphrase.
    package var privateKey: [UInt8]?

    package init(roots: [UInt8]? = nil, certificateChain: [UInt8]? = nil, privateKey: [UInt8]? = nil) {
        self.roots = roots
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    /// Fails if connections can't be made with it. The system's authorities are not looked at: reading them takes as long as all else
    /// that a program does at its start, and may never be needed.
    package func check() throws(UnusableTLSMaterial) {
        guard self != TLSMaterial() else { return }
        _ = try context(systemRoots: .certificates([]))
    }

    func context(systemRoots: NIOSSLTrustRoots = .default) throws(UnusableTLSMaterial) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.trustRoots =
            try roots.map { bytes throws(UnusableTLSMaterial) in
                .certificates(try Self.certificates(in: bytes, .roots))
            } ?? systemRoots
        if let certificateChain, let privateKey {
            let chain = try Self.certificates(in: certificateChain, .certificateChain)
            configuration.certificateChain = chain.map { .certificate($0) }
            guard let key = try? NIOSSLPrivateKey(bytes: privateKey, format: .pem) else {
                throw UnusableTLSMaterial(part: .privateKey, what: "is no private key in PEM")
            }
            configuration.privateKey = .privateKey(key)
        }
        // BoringSSL compares the key with the first certificate.
        guard let context = try? NIOSSLContext(configuration: configuration) else {
            throw UnusableTLSMaterial(part: .privateKey, what: "is not the key of the certificate")
        }
        return context
    }

    private static func certificates(
        in bytes: [UInt8], _ part: UnusableTLSMaterial.Part
    ) throws(UnusableTLSMaterial) -> [NIOSSLCertificate] {
        guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
            throw UnusableTLSMaterial(part: part, what: "has no certificate in PEM")
        }
        return found
    }
}

/// Which part of a ``TLSMaterial`` is no good.
package struct UnusableTLSMaterial: Error, Equatable {
    package enum Part: Sendable { case roots, certificateChain, privateKey }

    package let part: Part
    /// Completes the sentence that the part's name begins.
    package let what: String
}

/// The TLS of one client. Its material is read anew for each connection, so that certificates may be renewed under it; what can't be
/// used then is not, as long as there is what could.
final class ClientTLS: Sendable {
    private let load: @Sendable () throws -> TLSMaterial
    private let last = Mutex<(material: TLSMaterial, context: NIOSSLContext)?>(nil)

    init(_ load: @escaping @Sendable () throws -> TLSMaterial) {
        self.load = load
    }

    func context() throws -> NIOSSLContext {
        try last.withLock { last in
            do {
                let material = try load()
                // Reading the system's roots takes milliseconds.
                if let last, last.material == material { return last.context }
                let context = try material.context()
                last = (material, context)
                return context
            } catch {
                guard let last else { throw error }
                return last.context
            }
        }
    }
}
