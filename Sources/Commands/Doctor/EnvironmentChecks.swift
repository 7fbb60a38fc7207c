import DaemonAPI

/// What in a process's environment and in AWS's files keeps programs from the daemon.
enum EnvironmentChecks {
    /// - Parameter hosts: of the daemon's listeners, without ports.
    static func proxies(_ environment: [String: String], hosts: [String]) -> [Finding] {
        let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { !(environment[$0] ?? "").isEmpty }) else {
            return [.ok("proxy", "No HTTP proxy is set.")]
        }
        return ["no_proxy", "NO_PROXY"].compactMap { exception in
            let missing = hosts.filter { !excepts(environment[exception] ?? "", $0) }
            // Programs read one or the other; which of them, nobody knows.
            guard !missing.isEmpty else { return nil }
            return .problem(
                "proxy", "\(name) is set, and \(exception) does not except \(missing.joined(separator: ", ")).",
                mend: "eval \"$(stsbroker env)\", or add it to \(exception).")
        }
    }

    private static func excepts(_ list: String, _ host: String) -> Bool {
        list.split(separator: ",").contains { entry in
            let entry = entry.filter { $0 != " " }
            return entry == "*" || entry == host
        }
    }

    static func keys(_ environment: [String: String]) -> [Finding] {
        let names = [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_EC2_METADATA_DISABLED",
        ]
        let set = names.filter { !(environment[$0] ?? "").isEmpty }
        guard !set.isEmpty else { return [.ok("environment", "Nothing in the environment outranks the daemon.")] }
        return [
            .problem(
                "environment", "\(set.joined(separator: ", ")) outranks the daemon for SDKs.",
                mend: "unset \(set.joined(separator: " "))")
        ]
    }

    /// - Parameter contents: of the file, if it is there.
    static func profiles(_ file: AWSFile, path: String, contents: [UInt8]?) -> Finding {
        guard let contents, ProfileFile(contents).outranks(file) else {
            return .ok("profiles", "The default profile of \(path) has no credentials of its own.")
        }
        return .problem(
            "profiles", "The default profile of \(path) has credentials, which SDKs take before they ask the daemon.",
            mend: "give that profile another name.")
    }

    /// Whether the endpoint that programs are told is one of the daemon's.
    static func endpoints(_ environment: [String: String], status: DaemonStatus) -> [Finding] {
        let names = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"]
        let authorities = status.listeners.compactMap { LocalAddress($0.address)?.authority }
        let set = names.compactMap { name in environment[name].map { (name, $0) } }.filter { !$0.1.isEmpty }
        guard !set.isEmpty else {
            return [
                .warning(
                    "endpoint", "This shell's programs are not told where the daemon is.",
                    mend: "eval \"$(stsbroker env)\"")
            ]
        }
        return set.map { name, value in
            let authority = value.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            return authorities.contains(authority)
                ? .ok("endpoint", "\(name) is the daemon's.")
                : .problem(
                    "endpoint", "\(name) is \(authority), where this daemon does not listen.",
                    mend: "eval \"$(stsbroker env)\"")
        }
    }

    /// - Parameter interfaces: the names of the machine's.
    static func bridges(_ interfaces: [String], status: DaemonStatus) -> [Finding] {
        let bridges = interfaces.filter { name in
            ["docker", "br-", "podman", "cni", "lxcbr", "virbr"].contains { name.hasPrefix($0) }
        }
        let isOpen = status.listeners.contains { listener in
            guard case .ip(let host, _) = LocalAddress(listener.address) else { return false }
            return !host.hasPrefix("127.") && host != "::1" || listener.address.hasPrefix("0.0.0.0:")
        }
        guard !bridges.isEmpty, !isOpen else { return [] }
        return [
            .warning(
                "containers",
                "Containers on \(bridges.joined(separator: ", ")) can't reach the daemon, which listens on loopback.",
                mend: "if they should, add a listener at the bridge's address and an entry of callers with its network."
            )
        ]
    }
}
