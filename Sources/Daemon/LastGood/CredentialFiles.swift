import CredentialCache

/// Credentials on disk, one file for each local user, sealed like sign-ins and bound to the boot or the machine: elsewhere they can't be
/// opened.
struct CredentialFiles: Sendable {
    private static let suffix = ".credentials"

    private static let kind = "stsbrokerd credentials 1 "

    private let folder: StateFolder
    private let sealed: SealedFolder
    private let binding: CredentialBinding
    private let place: String

    init(folder: StateFolder, key: StateKey, binding: CredentialBinding) throws(StateFault) {
        self.folder = folder
        self.binding = binding
        place = "\(binding) \(try binding.identity())"
        sealed = SealedFolder(folder: folder, key: key.credentials, header: "\(Self.kind)\(place)\n")
    }

    /// Of whom there is a file.
    var users: [UInt32] {
        folder.names.compactMap { name in
            guard name.hasSuffix(Self.suffix), let user = UInt32(name.dropLast(Self.suffix.count)) else { return nil }
            return Self.name(user) == name ? user : nil
        }
    }

    func path(of user: UInt32) -> String { "\(folder.path)/\(Self.name(user))" }

    func read(_ user: UInt32) throws(StateFault) -> KeptCredentials {
        try sealed.open(Self.name(user), as: KeptCredentials.self, context: context(user))
    }

    /// Takes the file away where nothing is left to keep.
    func write(_ kept: KeptCredentials, of user: UInt32) throws(StateFault) {
        if kept.roles.isEmpty { return try folder.remove(Self.name(user)) }
        try sealed.write(kept, to: Self.name(user), context: context(user))
    }

    /// Whether it was written before the machine started anew, which is nobody's fault.
    func isOfEarlierBoot(_ user: UInt32) -> Bool {
        guard binding == .boot, case .contents(let bytes) = folder.read(Self.name(user)) else { return false }
        return bytes.starts(with: Self.kind.utf8) && !bytes.starts(with: sealed.header.utf8)
    }

    func remove(_ user: UInt32) throws(StateFault) { try folder.remove(Self.name(user)) }

    func setAside(_ user: UInt32) { folder.setAside(Self.name(user)) }

    private func context(_ user: UInt32) -> String { "uid \(user) \(place)" }

    private static func name(_ user: UInt32) -> String { "\(user)\(suffix)" }
}
