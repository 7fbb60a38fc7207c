/// What stands between the network and the broker's routes.
package struct BrokerEdge: Sendable {
    let proxies: TrustedProxies
    let addresses: AddressLimits
    let connections: OpenConnections
    /// `nil`: plain HTTP.
    let tls: ListenerTLS?

    package init(
        proxies: TrustedProxies = TrustedProxies(), addresses: AddressLimits = AddressLimits(),
        connections: OpenConnections.Limits = OpenConnections.Limits()
    ) {
        self.init(proxies: proxies, addresses: addresses, connections: connections, tls: nil)
    }

    init(
        proxies: TrustedProxies, addresses: AddressLimits, connections: OpenConnections.Limits, tls: ListenerTLS?
    ) {
        self.proxies = proxies
        self.addresses = addresses
        self.connections = OpenConnections(limits: connections, proxies: proxies)
        self.tls = tls
    }
}
