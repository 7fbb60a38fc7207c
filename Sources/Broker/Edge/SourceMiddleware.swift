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
        let peer = ConnectionPeer(context.channel.remoteAddress)
        let source = RequestSource(
            address: edge.proxies.client(of: peer, forwarded: ForwardedAddresses(request.headers)),
            clientCertificate: edge.connections.certificate(of: context.channel))
        return try await RequestSource.$current.withValue(source) { try await next(request, context) }
    }
}
