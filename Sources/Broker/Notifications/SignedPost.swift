import Credentials
import Crypto
import FoundationEssentials
import HTTPExchange
import NIOCore
import NIOHTTP1

/// POSTs JSON, signed as the Standard Webhooks specification says: `webhook-signature: v1,BASE64` is an HMAC-SHA256 over
/// `ID.TIMESTAMP.BODY`.
struct SignedPost: Sendable {
    let url: String
    let key: Secret
    let exchange: HTTPExchange

    /// - Parameters:
    ///   - id: the same for the same message, however often it is sent.
    ///   - sentAt: seconds since 1970.
    func answer(to body: [UInt8], id: String, sentAt: Double) async throws(HTTPExchangeFailure) -> HTTPAnswer {
        let timestamp = String(Int64(exactly: sentAt.rounded(.down)) ?? 0)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "webhook-id", value: id)
        request.headers.add(name: "webhook-timestamp", value: timestamp)
        request.headers.add(
            name: "webhook-signature", value: Self.signature(of: body, id: id, timestamp: timestamp, key: key))
        request.headers.add(name: "Idempotency-Key", value: id)
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await exchange.answer(to: request)
    }

    static func signature(of body: [UInt8], id: String, timestamp: String, key: Secret) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let code = key.withBytes { HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: $0)) }
        return "v1," + Data(code).base64EncodedString()
    }
}
