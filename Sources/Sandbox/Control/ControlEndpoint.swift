import FoundationEssentials
import HTTPTypes
package import Hummingbird
import NIOCore

/// The sandbox's own HTTP face, for tests and for the curious: counters, faults, sessions, keys and tokens. Loopback only;
/// a web page can't use it, because its requests carry an `Origin` or another host's name.
package struct ControlEndpoint: Sendable {
    let board: FaultBoard
    let accessKeys: AccessKeys
    let tokens: TokenIssuer

    package init(board: FaultBoard, accessKeys: AccessKeys, tokens: TokenIssuer) {
        self.board = board
        self.accessKeys = accessKeys
        self.tokens = tokens
    }

    package func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: OwnHostOnly())
        router.get("counters") { _, _ in try Response.json(board.counts) }
        router.delete("counters") { _, _ in
            board.resetCounts()
            return Response(status: .noContent)
        }
        router.get("faults") { _, _ in try Response.json(["faults": board.armed]) }
        router.post("faults") { request, _ in try await Self.answering { try await arm(request) } }
        router.delete("faults") { _, _ in
            board.disarmAll()
            return Response(status: .noContent)
        }
        router.get("sessions") { _, _ in
            let sessions = await accessKeys.sessions().map(SessionRecord.init)
            return try Response.json(["sessions": sessions])
        }
        router.post("keys/rotate") { request, _ in try await Self.answering { try await rotate(request) } }
        router.post("tokens") { request, _ in try await Self.answering { try await issue(request) } }
        return router
    }

    private func arm(_ request: Request) async throws -> Response {
        let keys = Fault.CodingKeys.allCases.map(\.rawValue)
        let fault = try StrictJSON.decode(Fault.self, from: try await Self.body(request), keys: keys)
        if let problem = fault.problem { throw StrictJSON.Malformed(message: problem) }
        board.arm(fault)
        return try .json(fault, status: .created)
    }

    private struct Rotation: Decodable {
        var forgetOld: Bool?

        enum CodingKeys: String, CodingKey {
            case forgetOld = "forget_old"
        }
    }

    private func rotate(_ request: Request) async throws -> Response {
        let bytes = try await Self.body(request)
        let rotation =
            bytes.isEmpty ? Rotation() : try StrictJSON.decode(Rotation.self, from: bytes, keys: ["forget_old"])
        try await tokens.keys.rotate(forgetOld: rotation.forgetOld ?? false)
        return try .json(await tokens.keys.published)
    }

    private func issue(_ request: Request) async throws -> Response {
        let wish = try StrictJSON.decode(
            TokenWish.self, from: try await Self.body(request), keys: TokenWish.CodingKeys.allCases.map(\.rawValue))
        guard let user = SampleUser(rawValue: wish.user) else {
            let names = SampleUser.allCases.map(\.name).joined(separator: ", ")
            throw StrictJSON.Malformed(message: "there is no sample user '\(wish.user)'; there are \(names)")
        }
        let clientID = RegisteredClient.stsbroker.id
        return try .json(await tokens.signIn(user, clientID: clientID, varied: try wish.variation()))
    }

    private static func body(_ request: Request) async throws -> [UInt8] {
        Array(try await request.body.collect(upTo: 65536).readableBytesView)
    }

    private static func answering(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let error as StrictJSON.Malformed {
            return try .json(["error": error.message], status: .badRequest)
        } catch is NIOTooManyBytesError {
            return try .json(["error": "the body is over 64 KiB"], status: .contentTooLarge)
        }
    }
}

/// Refuses what a browser would send on behalf of a web page (DNS rebinding, cross-site forms).
private struct OwnHostOnly: RouterMiddleware {
    typealias Context = BasicRequestContext

    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let host = request.head.authority ?? ""
        let name = host.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
        guard name == "127.0.0.1" || name == "localhost", request.headers[.origin] == nil else {
            return try .json(["error": "this endpoint serves local programs only"], status: .forbidden)
        }
        return try await next(request, context)
    }
}
