/// What the sandbox prints when it is ready.
enum Welcome {
    /// `directory` is the state directory as the person wrote it.
    static func text(_ addresses: SandboxAddresses, directory: String) -> String {
        let users = SampleUser.allCases.map(\.name).joined(separator: ", ")
        var lines = [
            "The sandbox is running. Everything listens on 127.0.0.1 only; Ctrl-C stops it.",
            "",
            "  identity provider  \(addresses.idpURL)   sample users: \(users)",
            "  STS                \(addresses.stsURL)   account \(addresses.accountID)",
        ]
        if let socket = addresses.daemonSocket {
            lines += [
                "  broker             \(addresses.brokerURL)   log: \(directory)/broker.log",
                "  approvals          \(addresses.brokerURL)/requests   in a browser; sign in as approver",
                "  daemon             \(addresses.imdsURL ?? "") (IMDS)   log: \(directory)/daemon.log",
                "                     \(addresses.containerURL ?? "") (container credentials)",
                "                     \(socket) (control socket)",
            ]
        }
        lines += ["  control            \(addresses.controlURL)", ""]
        guard let user = addresses.user else {
            lines.append("Only the identity provider and STS run. Addresses and keys: \(directory)/sandbox.json")
            return lines.joined(separator: "\n")
        }
        let path = directory.hasPrefix("/") || directory.hasPrefix(".") ? directory : "./\(directory)"
        lines += [
            "The daemon is signed in as \(user). In another shell:",
            "",
            "    . \(shellWord("\(path)/env"))",
            "    aws sts get-caller-identity",
            "",
            "For the instance metadata service instead: . \(shellWord("\(path)/env.imds"))",
        ]
        return lines.joined(separator: "\n")
    }

    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain ? text : ShellQuoting.quoted(text)
    }
}
