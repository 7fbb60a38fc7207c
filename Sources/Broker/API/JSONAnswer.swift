import FoundationEssentials
import Hummingbird
import NIOCore

/// An answer's body as JSON.
enum JSONAnswer {
    static func response(_ body: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        guard let bytes = try? bytes(body) else { return Response(status: .internalServerError) }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func bytes(_ body: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(body))
    }
}
