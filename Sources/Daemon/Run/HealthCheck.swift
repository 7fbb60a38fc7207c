import NIOCore

/// What `--check-health` does: asks the running daemon's control socket, and each listener whose address is known and which the
/// daemon can't do without. Nothing is asked of the broker, for a restart would not mend it.
struct HealthCheck: Sendable {
    private let probes: [(name: String, probe: ListenerProbe)]

    init(_ settings: DaemonSettings) throws {
        var probes = [("control", try SocketAddress(unixDomainSocketPath: settings.controlSocket))]
        for listener in settings.listeners where !listener.isOptional {
            if let path = listener.unix {
                probes.append((listener.name, try SocketAddress(unixDomainSocketPath: path)))
            } else if let socket = listener.address.flatMap({ SocketText($0) }), socket.port != 0 {
                probes.append((listener.name, socket.address))
            }
        }
        self.probes = probes.map { ($0.0, ListenerProbe(address: $0.1)) }
    }

    /// Fails with ``Unhealthy`` if one of them does not answer in time.
    func run(within limit: Duration) async throws(Unhealthy) {
        let silent = await withTaskGroup { group in
            for (name, probe) in probes {
                group.addTask { await probe.isAnswered(within: limit) ? nil : "\(name) (\(probe.address.place))" }
            }
            return await group.reduce(into: [String]()) { silent, name in if let name { silent.append(name) } }
        }
        guard silent.isEmpty else { throw Unhealthy(silent: silent.sorted()) }
    }
}

/// Who did not answer.
struct Unhealthy: Error, Equatable, CustomStringConvertible {
    /// Each with its address.
    let silent: [String]

    var description: String {
        "No answer from \(silent.joined(separator: ", ")); does stsbrokerd run here, with this configuration?"
    }
}

extension SocketAddress {
    /// `127.0.0.1:80`, `[::1]:80` or a socket's path.
    var place: String {
        switch self {
        case .v4: "\(ipAddress ?? ""):\(port ?? 0)"
        case .v6: "[\(ipAddress ?? "")]:\(port ?? 0)"
        case .unixDomainSocket: pathname ?? ""
        }
    }
}
