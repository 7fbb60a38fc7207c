import HTTPExchange
import NIOCore

extension DaemonSettings {
    static func check(_ listeners: [DaemonConfiguration.Listener], controlSocket: String) throws(SettingsFault) {
        var addresses: Set<SocketAddress> = []
        var sockets = [controlSocket]
        for (index, listener) in listeners.enumerated() {
            let path = "listeners[\(index)]"
            guard isName(listener.name, also: "_.-") else {
                throw SettingsFault("\(path).name", "must be 1 to 64 of letters, digits and _.-")
            }
            try checkOptions(of: listener, at: path)
            switch (listener.address, listener.unix) {
            case (let address?, nil):
                let socket = try socketAddress(address, mode: listener.mode, at: path)
                // Port 0 is a free one each time.
                if socket.port != 0, !addresses.insert(socket).inserted {
                    throw SettingsFault("\(path).address", "is the address of a listener before it")
                }
            case (nil, let socket?):
                try checkSocket(socket, mode: listener.mode, at: path)
                guard !sockets.contains(socket) else {
                    throw SettingsFault("\(path).unix", "is the path of the control socket or of a listener before it")
                }
                sockets.append(socket)
            default: throw SettingsFault(path, "must have either an address or a unix socket")
            }
        }
    }

    private static func checkOptions(of listener: DaemonConfiguration.Listener, at path: String) throws(SettingsFault) {
        if listener.imdsv1 != nil, listener.face != .imds {
            throw SettingsFault("\(path).imdsv1", "is for the face imds only")
        }
        if listener.requireToken != nil, listener.face != .container || listener.address == nil {
            throw SettingsFault("\(path).require_token", "is for addresses of the face container only")
        }
        if let limit = listener.hopLimit {
            guard listener.address != nil else { throw SettingsFault("\(path).hop_limit", "is for addresses only") }
            guard (1...255).contains(limit) else { throw SettingsFault("\(path).hop_limit", "must be 1 to 255") }
        }
        for (index, host) in (listener.hosts ?? []).enumerated() where !isHostName(host) {
            throw SettingsFault(
                "\(path).hosts[\(index)]", "must be a name or address without port, but is \(Excerpt.quoted(host))")
        }
    }

    /// RFC 1123 section 2.1, or an IP address without brackets.
    private static func isHostName(_ text: String) -> Bool {
        if (try? SocketAddress(ipAddress: text, port: 0)) != nil { return true }
        return (1...253).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isName(String($0), also: "-") }
    }

    private static func socketAddress(
        _ text: String, mode: String?, at path: String
    ) throws(SettingsFault) -> SocketAddress {
        guard let address = SocketText(text)?.address else {
            throw SettingsFault(
                "\(path).address",
                "must be ADDRESS:PORT or [ADDRESS]:PORT with a numeric address, but is \(Excerpt.quoted(text))")
        }
        guard mode == nil else { throw SettingsFault("\(path).mode", "is for Unix sockets only") }
        return address
    }

    private static func checkSocket(_ socket: String, mode: String?, at path: String) throws(SettingsFault) {
        try requireSocketPath(socket, at: "\(path).unix")
        if let mode, fileMode(mode) == nil {
            throw SettingsFault("\(path).mode", "must be an octal file mode like 0600, but is \(Excerpt.quoted(mode))")
        }
    }

    static func checkGroup(
        of listener: DaemonConfiguration.Listener, at path: String, in users: some UserDirectory
    ) throws(SettingsFault) {
        guard let group = listener.group else { return }
        guard listener.unix != nil else { throw SettingsFault(path, "is for Unix sockets only") }
        guard users.groupID(of: group) != nil else {
            throw SettingsFault(path, "names no group of this machine: \(Excerpt.quoted(group))")
        }
    }

    /// `0600` and the like; no more than the permission bits.
    static func fileMode(_ text: String) -> UInt16? {
        guard (3...4).contains(text.utf8.count), isNumber(text), let mode = UInt16(text, radix: 8), mode <= 0o777
        else { return nil }
        return mode
    }
}
