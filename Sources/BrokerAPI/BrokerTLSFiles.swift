package import HTTPExchange
package import StrictYAML

/// The files, all PEM, with which a client verifies the broker and proves itself to it. By default the system's authorities verify it,
/// and the client presents nothing.
package struct BrokerTLSFiles: Sendable, Equatable {
    /// The only authorities that may have signed the broker's certificate.
    package var authorities: String?
    /// The client's own certificate, then those between it and the authority.
    package var certificate: String?
    /// That certificate's key; not for everybody to read.
    package var key: String?

    package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }

    /// What is in them now. Fails if one can't be read, or if everybody may read the key.
    package func material() throws(InvalidYAML) -> TLSMaterial {
        TLSMaterial(
            roots: try bytes(of: authorities), certificateChain: try bytes(of: certificate),
            privateKey: try bytes(of: key, secrecy: .group))
    }

    /// Fails if they can't be used as they are now; names the file and what is wrong with it.
    package func check() throws(InvalidYAML) {
        let material = try material()
        do throws(UnusableTLSMaterial) {
            try material.check()
        } catch {
            throw InvalidYAML(file: path(of: error.part), position: nil, message: error.what)
        }
    }

    private func path(of part: UnusableTLSMaterial.Part) -> String {
        switch part {
        case .roots: authorities ?? ""
        case .certificateChain: certificate ?? ""
        case .privateKey: key ?? ""
        }
    }

    private func bytes(
        of path: String?, secrecy: ConfiguredFile.Secrecy = .none
    ) throws(InvalidYAML) -> [UInt8]? {
        guard let path else { return nil }
        return try ConfiguredFile.bytes(of: path, secrecy: secrecy)
    }
}
