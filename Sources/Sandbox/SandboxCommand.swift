package import ArgumentParser
import FoundationEssentials
import Glibc
import Logging

extension SampleUser: ExpressibleByArgument {}

/// `stsbroker-sandbox`: everything offline, in one foreground command.
package struct SandboxCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stsbroker-sandbox",
        abstract: "Run STS Broker offline: an identity provider, a strict STS, the broker and the daemon.",
        discussion: """
            Starts everything on free ports of 127.0.0.1 and prints what to paste into another shell. Ctrl-C stops it.
            All its files are in the state directory: 'env' and 'env.imds' to source, 'sandbox.json' with all addresses, \
            'broker.log' and 'daemon.log'. Every start is a fresh one: new keys, new ports, an empty database.
            """)

    @Option(help: ArgumentHelp("Directory for files, sockets and logs.", valueName: "dir"))
    var stateDir = ".sandbox"

    @Option(help: ArgumentHelp("Let minted credentials live no longer than this, such as 60s.", valueName: "duration"))
    var lifetime: DurationText?

    @Option(help: ArgumentHelp("How long ID tokens live, such as 10m. Default: 1h.", valueName: "duration"))
    var idTokenLifetime: DurationText?

    @Flag(help: "Hand out a new refresh token at each refresh, and refuse the old one.")
    var rotateRefreshTokens = false

    @Option(help: "Sample user that the daemon is signed in as.")
    var user = SampleUser.developer

    @Option(
        help: ArgumentHelp("Directory of stsbroker-server and stsbrokerd. Default: this program's.", valueName: "dir"))
    var binDir: String?

    @Flag(help: "Give the broker no AWS key: it is an OpenID provider that the roles trust.")
    var keyless = false

    @Flag(help: "Run the identity provider and STS only, neither broker nor daemon.")
    var idpAndSTSOnly = false

    package init() {}

    /// The whole program: reads the command line, runs, and exits with its status.
    package static func launch() async {
        await main()
    }

    package func run() async throws {
        // Whatever children and libraries create in the state directory is the owner's alone.
        umask(0o077)
        var logger = Logger(label: "stsbroker-sandbox")
        logger.logLevel = .error
        let directory = stateDir
        let settings = LocalServices.Settings(
            sessionLifetime: lifetime?.duration, idTokenLifetime: idTokenLifetime?.duration ?? .seconds(3600),
            rotatesRefreshTokens: rotateRefreshTokens, isKeyless: keyless)
        let options = SandboxRun.Options(
            stateDirectory: directory, settings: settings, user: user,
            programDirectory: idpAndSTSOnly ? nil : try binDir ?? Self.ownDirectory())
        try await SandboxRun(options: options, logger: logger, now: { Date() }, clock: ContinuousClock())
            .run { addresses in
                print(Welcome.text(addresses, directory: directory))
                fflush(nil)
            }
    }

    /// The directory of the running executable, through `/proc/self/exe` (proc(5)).
    private static func ownDirectory() throws -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw ValidationError("This program's own directory is unknown; name it with --bin-dir.")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    }
}
