import Crypto
import NIOCore
import NIOSSL
import NIOTLS

/// Tells who the client's certificate says it is, once the handshake has verified it.
final class ClientCertificateHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let tell: (String) -> Void

    init(_ tell: @escaping (String) -> Void) { self.tell = tell }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent,
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        {
            tell(CertificateName.text(of: certificate))
        }
        context.fireUserInboundEventTriggered(event)
    }
}

/// What a client's certificate calls its holder: the first alternative name that is a URI, as SPIFFE's are, a DNS name or a mail
/// address; without any, the certificate's fingerprint. The subject is for people (RFC 9525, section 1.4).
enum CertificateName {
    private static let longest = 255

    static func text(of certificate: NIOSSLCertificate) -> String {
        let names = certificate._subjectAlternativeNames()
        let kinds: [(_SubjectAlternativeName.NameType, String)] = [(.uri, "uri"), (.dnsName, "dns"), (.email, "email")]
        for (kind, word) in kinds {
            for name in names where name.nameType == kind {
                let bytes = name.contents.withUnsafeBufferPointer { Array($0) }
                if (1...longest).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) {
                    return "\(word):\(String(decoding: bytes, as: UTF8.self))"
                }
            }
        }
        let digits = Array("0123456789abcdef")
        let digest = SHA256.hash(data: (try? certificate.toDERBytes()) ?? [])
        return "sha256:" + String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
