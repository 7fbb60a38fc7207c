/// Refuses what no SDK sends: requests that a web page, a proxy or a foreign name has caused. Runs before anything else
/// is looked at.
enum RequestHygiene {
    /// The longest request target in bytes. A role ARN has at most 2048, and no path holds more than one.
    static let longestTarget = 2560

    /// `nil` if the request is clean.
    static func fault(of request: MetadataRequest, at listener: ListenerContext) -> MetadataError? {
        switch request.host {
        case .value(let host): guard listener.hosts.contain(host) else { return .foreignHost }
        case .absent: guard !request.needsHost else { return .invalidHost }
        case .repeated: return .invalidHost
        }
        if request.isForwarded { return .forwarded }
        if request.isFromBrowser { return .fromBrowser }
        guard request.target.utf8.count <= longestTarget else { return .targetTooLong }
        // Only the origin form: the absolute form and CONNECT are a proxy's business (RFC 9112 §3.2).
        guard request.target.utf8.first == UInt8(ascii: "/") else { return .invalidTarget }
        return nil
    }
}

/// The values of `Host` that name a listener: its address, bare or with its port, because several clients leave out the
/// port. Names are for configured ones and, on Unix sockets, `localhost`. This is the defence against DNS rebinding.
struct AllowedHosts: Sendable, Equatable {
    private let values: [String]

    /// - Parameters:
    ///   - hosts: addresses (IPv6 ones without brackets) and names.
    ///   - port: `nil` for a Unix socket, where a port means nothing.
    init(_ hosts: [String], port: Int?) {
        values = hosts.flatMap { host in
            let host = host.contains(":") ? "[\(host.lowercased())]" : host.lowercased()
            return port.map { [host, "\(host):\($0)"] } ?? [host]
        }
    }

    func contain(_ host: String) -> Bool {
        values.contains(host) || values.contains(host.lowercased())
    }
}
