import StrictYAML

/// How long credentials that are kept on disk are any good.
package enum CredentialBinding: String, Sendable, CaseIterable {
    /// Until the machine starts anew.
    case boot
    /// On this machine.
    case machine

    /// What the kernel, or the installation, calls that: no other boot, or machine, has it (random(4), machine-id(5)).
    func identity() throws(StateFault) -> String {
        let path = self == .boot ? "/proc/sys/kernel/random/boot_id" : "/etc/machine-id"
        do throws(InvalidYAML) {
            let text = String(decoding: try ConfiguredFile.bytes(of: path, longest: 128), as: UTF8.self)
            let id = text.filter { $0.isHexDigit || $0 == "-" }
            guard id.count >= 32 else { throw InvalidYAML(file: path, position: nil, message: "has no id") }
            return id
        } catch {
            throw StateFault("credential_cache: \(self) is impossible here, as \(path) \(error.message).")
        }
    }
}
