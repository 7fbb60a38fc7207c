package import ArgumentParser
import CallerIdentity
import FoundationEssentials
import Logging
import MetadataServer
import NIOCore
import StrictYAML
import Systemd

/// `stsbrokerd`.
package struct DaemonCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stsbrokerd",
        abstract: "Hands AWS credentials to the SDKs on this machine, as EC2, ECS and EKS do.",
        discussion: """
            Answers from memory, refreshes before credentials expire, and gives each local user their own. Each scalar of \
            the configuration can be overridden by an environment variable: STSBROKERD_BROKER_URL for broker.url.

            SIGHUP, or a change of its file, reads the configuration anew: roles, callers, instance and metadata change at once, other settings take \
            a restart, and a file that can't be used changes nothing. SIGTERM or SIGINT stops it after it has answered \
            what it accepted; a second one stops it at once. Exit status: 0 after that, 1 for a configuration or a listener that can't be used, 64 for \
            wrong arguments.
            """,
        version: Version.text)

    @Option(name: .long, help: "The configuration file.")
    var config = "/etc/stsbroker/stsbrokerd.yaml"

    @Flag(name: .long, help: "Check the configuration, say what is wrong with it, and exit.")
    var checkConfig = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Say which entry of callers would match that process, or that address of another machine, if it connected now, and why, and exit.",
            valueName: "pid|address"))
    var explainCaller: CallerArgument?

    @Option(name: .long, help: "How much to log.")
    var logLevel = LogLevel.info

    package init() {}

    /// Runs the program: parses the arguments, and exits with the documented status. `main.swift`'s own context would
    /// pick ArgumentParser's synchronous `main()`.
    package static func launch() async {
        await main()
    }

    package func run() async throws {
        let source = SettingsSource(
            path: config, environment: ProcessInfo.processInfo.environment, users: SystemUsers())
        let settings: DaemonSettings
        do throws(InvalidYAML) {
            settings = try source.load()
        } catch {
            throw Failure(error.description)
        }
        guard !checkConfig else { return print("\(config): OK") }
        if let explainCaller { return try explain(explainCaller, settings) }
        ProcessMemory.hide()
        DescriptorLimit.raise()
        // The more requests one turn of a loop answers, the less each costs; and one loop is more than a machine's callers need.
        NIOSingletons.groupLoopCountSuggestion = 1
        try await serve(settings, from: source)
    }

    private func explain(_ caller: CallerArgument, _ settings: DaemonSettings) throws {
        switch caller {
        case .address(let address):
            print(CallerExplanation(address: address, settings: settings).text, terminator: "")
        case .process(let processID):
            guard let explanation = CallerExplanation(processID: processID, settings: settings) else {
                throw Failure("There is no process \(processID), or it can't be seen from here.")
            }
            print(explanation.text, terminator: "")
        }
    }

    private func serve(_ settings: DaemonSettings, from source: SettingsSource) async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "stsbrokerd")
        logger.logLevel = logLevel.level
        // Apart from the line that says so, whose arguments are not evaluated at other levels.
        let isLocked = ProcessMemory.lock()
        logger.debug("memory", metadata: ["locked": "\(isLocked)"])
        do {
            let environment = source.environment
            try await DaemonService(
                settings: settings, source: source, passed: try PassedSockets(environment: environment),
                manager: ServiceManager(environment: environment), logger: logger
            ).run()
        } catch let error as ListenerError {
            throw Failure(error.description)
        } catch let error as PassedSocketFault {
            throw Failure(error.description)
        } catch let error as TokenFileFault {
            throw Failure(error.description)
        } catch let error as StateFault {
            throw Failure(error.description)
        }
    }
}

/// Printed as `Error: …` with exit status 1.
private struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What `--explain-caller` takes.
enum CallerArgument: ExpressibleByArgument {
    case process(Int32)
    case address(IPAddress)

    init?(argument: String) {
        if let processID = Int32(argument) {
            self = .process(processID)
        } else if let address = IPAddress(argument), !address.isLoopback {
            self = .address(address)
        } else {
            return nil
        }
    }
}

/// What `--log-level` takes.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
