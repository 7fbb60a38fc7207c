import CallerIdentity
import MetadataServer

extension ListenerConfiguration {
    /// What an entry of `listeners` means on this machine.
    init(
        _ listener: DaemonConfiguration.Listener, groupID: (String) -> UInt32? = UserGroups.groupID
    ) throws(ListenerError) {
        let face: ListenerFace = listener.face == .imds ? .instanceMetadata : .containerCredentials
        if let path = listener.unix {
            let mode = listener.mode.flatMap(DaemonSettings.fileMode) ?? 0o600
            self.init(name: listener.name, face: face, address: .unix(path: path, mode: UInt32(mode)))
        } else if let address = listener.address, let socket = SocketText(address) {
            self.init(name: listener.name, face: face, address: .tcp(host: socket.host, port: socket.port))
        } else {
            throw .invalidAddress(listener: listener.name, address: listener.address ?? "")
        }
        if let name = listener.group {
            guard let group = groupID(name) else {
                throw .refused(listener: listener.name, address: listener.unix ?? "", reason: "no group \(name)")
            }
            socketGroup = group
        }
        allowsIMDSv1 = listener.imdsv1 ?? false
        additionalHosts = listener.hosts ?? []
        hopLimit = listener.hopLimit ?? 1
        requiresToken = listener.requireToken ?? true
    }
}
