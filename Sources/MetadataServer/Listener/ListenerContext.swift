import CallerIdentity

/// What an answer may depend on of the listener that the request came through. A class, because each request takes it along.
package final class ListenerContext: Sendable {
    package enum Transport: Sendable, Equatable {
        case tcp
        case unix
    }

    let name: String
    let face: ListenerFace
    let transport: Transport
    let hosts: AllowedHosts
    let allowsIMDSv1: Bool
    let requiresToken: Bool

    /// - Parameters:
    ///   - address: the own IP address as text; `nil` for a Unix socket, whose clients send `Host: localhost`.
    ///   - port: the own port; ignored for a Unix socket.
    package init(_ configuration: ListenerConfiguration, address: String?, port: Int?) {
        name = configuration.name
        face = configuration.face
        transport = address == nil ? .unix : .tcp
        hosts = AllowedHosts(
            [address ?? "localhost"] + configuration.additionalHosts, port: address == nil ? nil : port)
        allowsIMDSv1 = configuration.allowsIMDSv1
        requiresToken = address != nil && configuration.requiresToken
    }
}

/// The contexts of one listener's connections. They differ only where a listener has all addresses of the machine, so the
/// last one is kept.
struct ListenerContexts {
    private let configuration: ListenerConfiguration
    private var last: (endpoint: Endpoint?, context: ListenerContext)?

    init(_ configuration: ListenerConfiguration) {
        self.configuration = configuration
    }

    /// By the address that the client has connected to: the accepted socket's own. `nil` for a Unix socket.
    mutating func context(at endpoint: Endpoint?) -> ListenerContext {
        if let last, last.endpoint == endpoint { return last.context }
        // An IPv4 connection of an IPv6 socket is known by its IPv4 address.
        let context = ListenerContext(
            configuration, address: endpoint?.address.description, port: endpoint.map { Int($0.port) })
        last = (endpoint, context)
        return context
    }
}
