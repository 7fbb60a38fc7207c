import DaemonAPI
import HTTPExchange

/// Where SDKs get the credentials of one role from this machine's daemon.
enum RoleEndpoint: Equatable {
    case container(url: String, tokenFile: String)
    case instanceMetadata(url: String)
}

/// Why a role can't be had here; a sentence that says what to do.
struct RoleUnavailable: Error, Equatable {
    let message: String
}

extension DaemonStatus {
    /// The role of that name, else the default one.
    func role(named name: String?) throws(RoleUnavailable) -> RoleStatus {
        if let name {
            guard let role = roles.first(where: { $0.name == name }) else {
                throw RoleUnavailable(
                    message: "No role \(Excerpt.quoted(name)) is offered to you; run: stsbroker status")
            }
            return role
        }
        guard let role = roles.first(where: \.isDefault) else {
            throw RoleUnavailable(message: "You have no default role; name one that stsbroker status lists.")
        }
        return role
    }

    /// The address that SDKs are given for `role`, with the container endpoint before IMDS, which serves the default role only.
    func endpoint(of role: RoleStatus, prefersIMDS: Bool = false) throws(RoleUnavailable) -> RoleEndpoint {
        let imds = reachable("imds").first.map { RoleEndpoint.instanceMetadata(url: "http://\($0)/") }
        if prefersIMDS || reachable("container").isEmpty {
            guard let imds else {
                throw RoleUnavailable(
                    message: "The daemon has no such listener at an address; stsbrokerd.yaml says which it has.")
            }
            guard role.isDefault else {
                throw RoleUnavailable(
                    message:
                        "IMDS serves your default role only; run: stsbroker use \(ShellDialect.posix.quoted(role.name))"
                )
            }
            return imds
        }
        guard let listener = listeners.first(where: { $0.face == "container" && !$0.address.hasPrefix("/") }),
            let address = LocalAddress(listener.address)
        else { throw RoleUnavailable(message: "The daemon has no container endpoint at an address.") }
        return try container(role, tokenFile: listener.tokenFile, at: address)
    }

    private func container(
        _ role: RoleStatus, tokenFile: String?, at address: LocalAddress
    ) throws(RoleUnavailable) -> RoleEndpoint {
        guard let tokenFile else {
            throw RoleUnavailable(message: "The daemon could not write your token file; its log says why.")
        }
        return .container(url: "http://\(address.authority)\(Self.path(to: role.name))", tokenFile: tokenFile)
    }

    private func reachable(_ face: String) -> [String] {
        listeners.filter { $0.face == face && !$0.address.hasPrefix("/") }.compactMap {
            LocalAddress($0.address)?.authority
        }
    }

    /// A role's path on the container endpoint; its name stands for itself only where a path allows that.
    static func path(to role: String) -> String {
        let digits = Array("0123456789ABCDEF")
        let name = role.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return "/role/\(name.joined())"
    }
}
