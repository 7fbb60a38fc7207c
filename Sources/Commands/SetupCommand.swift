import ArgumentParser
import BrokerAPI
import DaemonAPI
import FoundationEssentials
import HTTPExchange

struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Set other tools up to use the daemon.",
        subcommands: [SetupAWSConfigCommand.self])
}

struct SetupAWSConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aws-config",
        abstract: "Write a profile for each of your roles into the AWS config file.",
        discussion: """
            Each profile runs stsbroker credential-process, so no key is written and none gets old. The profiles stand between two \
            comments, and nothing else in the file changes; run it again when your roles have changed. --remove takes them out.

            Each is for a role that the daemon offers you: where stsbrokerd.yaml offers "*", for each of your policies. Policies that the \
            broker lists for you, and that no such role is for, are named: add roles for them to stsbrokerd.yaml, then run it again.
            """)

    @OptionGroup var options: BrokerOptions

    @Option(help: "What the profiles' names begin with, before the role's.")
    var prefix = ""

    @Option(help: "The region of the profiles.")
    var region: String?

    @Flag(help: "Take the profiles out again.")
    var remove = false

    func validate() throws {
        guard prefix.isEmpty || ProfileName(argument: prefix) != nil else {
            throw ValidationError("A prefix has no blanks, brackets, quotes or backslashes.")
        }
        guard region.map({ ProfileName(argument: $0) != nil }) ?? true else {
            throw ValidationError("That is no region.")
        }
    }

    func run() async throws {
        let path = AWSFile.config.path()
        if remove { return try report(path, try write([], to: path, keepingOthers: false), withoutRole: nil) }
        try await Session.run(options.daemon) { session in
            let isListed = await isListed(session.daemon)
            let roles = try await session.daemon.status().roles
            let names = try write(roles.map(\.name), to: path, keepingOthers: !isListed)
            try report(path, names, withoutRole: try await policies(without: roles, session))
        }
    }

    /// Whether the daemon knows what the broker lists now, where it is to offer that. The reason why not is told later.
    private func isListed(_ daemon: DaemonClient) async -> Bool { (try? await daemon.listPolicies()) != nil }

    /// Says why on standard error, and returns `nil`, if the broker doesn't answer: the profiles are good all the same.
    private func policies(without roles: [RoleStatus], _ session: Session) async throws -> [String]? {
        do {
            let broker = try await options.access(session)
            return SetupText.policies(try await broker.client.policies(idToken: broker.idToken), without: roles)
        } catch {
            guard let told = CommandFailure.told(error) else { throw error }
            tell("Some of your policies may have no profile. \(CommandFailure.sentence(told.message))")
            return nil
        }
    }

    private func report(_ path: String, _ names: [String], withoutRole policies: [String]?) throws {
        if options.json {
            var answer = ["file": [path], "profiles": names]
            answer["policies_without_profile"] = policies
            return print(try JSONText.of(answer))
        }
        print(
            names.isEmpty
                ? "\(path) has no profiles of stsbroker."
                : "\(path) has the profiles \(names.joined(separator: ", ")). Try: aws --profile \(names[0]) sts get-caller-identity"
        )
        if let policies, let text = SetupText.leftOut(policies) { tell(text) }
    }

    /// - Parameter keepingOthers: of what is there already, for there may be a role for it when the broker answers again.
    /// - Returns: the names of all that are there afterwards.
    private func write(_ roles: [String], to path: String, keepingOthers: Bool) throws -> [String] {
        let profiles = roles.map { (name: prefix + $0, role: $0) }
        var kept: [String: [String]] = [:]
        do throws(ProfileFileFault) {
            try ReplacedFile.change(path, isSecret: false) { bytes throws(ProfileFileFault) in
                var file = ProfileFile(bytes)
                for header in profiles.map({ AWSFile.config.header(of: $0.name) })
                where file.foreignHeaders.contains(header) {
                    throw ProfileFileFault("has a section [\(header)] of its own; choose other names with --prefix")
                }
                let command = SetupText.command(socket: options.daemon.socket)
                kept = keepingOthers ? SetupText.sections(of: file.block) : [:]
                for profile in profiles { kept[AWSFile.config.header(of: profile.name)] = nil }
                let others = kept.sorted { $0.key < $1.key }.flatMap { ["[\($0.key)]"] + $0.value }
                try file.setBlock(SetupText.lines(profiles, command: command, region: region) + others)
                return file.bytes
            }
        } catch {
            throw CommandFailure.reported(FileFailure(path: path, what: error.what))
        }
        return profiles.map(\.name) + kept.keys.sorted().map(AWSFile.config.name(in:))
    }
}

/// What the block in the config file says, and what is said of it.
enum SetupText {
    /// The ids of those that no role is for, in the list's order.
    static func policies(_ list: PolicyList, without roles: [RoleStatus]) -> [String] {
        let served = Set(roles.map(\.policy))
        return list.policies.map(\.id).filter { !served.contains($0) }
    }

    /// `nil` if there are none.
    static func leftOut(_ policies: [String]) -> String? {
        guard !policies.isEmpty else { return nil }
        let names = policies.map(TextTable.printable).joined(separator: ", ")
        return """
            Policies without a profile, for the daemon offers you no role for them: \(names). \
            Add one for each to roles and callers in stsbrokerd.yaml, or offer all of them to callers as "*", then run this again.
            """
    }

    /// What stands under each header.
    static func sections(of block: [String]) -> [String: [String]] {
        var sections: [String: [String]] = [:]
        var header: String?
        for line in block {
            if line.hasPrefix("["), line.hasSuffix("]") {
                header = String(line.dropFirst().dropLast())
            } else if let header {
                sections[header, default: []].append(line)
            }
        }
        return sections
    }

    static func lines(
        _ profiles: [(name: String, role: String)], command: [String], region: String?
    ) -> [String] {
        profiles.flatMap { profile in
            let words = command + ["--", profile.role]
            return ["[\(AWSFile.config.header(of: profile.name))]"]
                + ["credential_process = \(words.map(word).joined(separator: " "))"]
                + (region.map { ["region = \($0)"] } ?? [])
        }
    }

    /// This very program: whoever runs it later may have another PATH.
    static func command(socket: String?) -> [String] {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "stsbroker"
        return [own, "credential-process"] + (socket.map { ["--socket", $0] } ?? [])
    }

    /// SDKs split the line as a POSIX shell does, and some give it to one.
    private static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: Array("-_./,:+@=".utf8).contains(byte)
                }
            }
        return isPlain ? text : ShellDialect.posix.quoted(text)
    }
}
