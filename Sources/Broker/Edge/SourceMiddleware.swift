import AccessControl
package import Hummingbird
import NIOCore

/// A request and the connection that it came by.
package struct BrokerRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// Finds out where each request comes from, before anything else.
struct SourceMiddleware: RouterMiddleware {
    let edge: BrokerEdge

    func handle(
        _ request: Request, context: BrokerRequestContext,
        next: @concurrent (Request, BrokerRequestContext) async throws -> Response
    ) async throws -> Response {
        // What most reverse proxies write; few know its successor (RFC 7239).
        let forwarded = request.headers.filter { $0.name.canonicalName == "x-forwarded-for" }.map(\.value)
        let source = RequestSource(
            address: edge.proxies.client(of: ConnectionPeer(context.channel.remoteAddress), forwarded: forwarded),
            clientCertificate: edge.connections.certificate(of: context.channel))
        return try await RequestSource.$current.withValue(source) { try await next(request, context) }
    }
}
