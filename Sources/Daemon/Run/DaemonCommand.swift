import Glibc
import Logging
import MetadataServer
import NIOCore
import StrictYAML
import Systemd

/// `stsbrokerd`.
package enum DaemonCommand {
    /// Runs the program and exits with the documented status.
    package static func launch() async {
        do {
            switch try DaemonArguments.wish(in: Array(CommandLine.arguments.dropFirst())) {
            case .showHelp: print(DaemonArguments.help)
            case .showVersion: print(Version.text)
            case .run(let arguments): try await run(arguments)
            }
        } catch let error as WrongArguments {
            end("\(error)\n\(DaemonArguments.usage)\n  See 'stsbrokerd --help' for more information.", status: EX_USAGE)
        } catch {
            end("\(error)", status: EXIT_FAILURE)
        }
        exit(EXIT_SUCCESS)
    }

    private static func end(_ message: String, status: CInt) -> Never {
        let line = Array("Error: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(status)
    }

    private static func run(_ arguments: DaemonArguments) async throws {
        let source = SettingsSource(
            chosen: arguments.config, usual: DaemonArguments.usualConfig, environment: ProcessEnvironment.variables,
            users: SystemUsers())
        let settings = try source.load()
        guard !arguments.checkConfig else { return print("\(source.name): OK") }
        guard !arguments.checkHealth else { return try await HealthCheck(settings).run(within: .seconds(3)) }
        if let caller = arguments.explainCaller { return try explain(caller, settings) }
        ProcessMemory.hide()
        DescriptorLimit.raise()
        // The more requests one turn of a loop answers, the less each costs; and one loop is more than a machine's callers need.
        NIOSingletons.groupLoopCountSuggestion = 1
        let journal = JournalSocket(environment: source.environment)
        let text = LogStream(descriptor: STDERR_FILENO)
        LoggingSystem.bootstrap { label in
            if let journal { return JournalLogHandler(label: label, journal: journal, text: text) }
            return StreamLogHandler(label: label, stream: text)
        }
        var logger = Logger(label: "stsbrokerd")
        logger.logLevel = arguments.logLevel
        // Not in the log's arguments, which are computed only where they are logged.
        let isLocked = ProcessMemory.lock()
        logger.debug("memory", metadata: ["locked": "\(isLocked)"])
        let environment = source.environment
        try await DaemonService(
            settings: settings, source: source, passed: try PassedSockets(environment: environment),
            manager: ServiceManager(environment: environment), logger: logger
        ).run()
    }

    private static func explain(_ caller: DaemonArguments.CallerToExplain, _ settings: DaemonSettings) throws {
        switch caller {
        case .address(let address):
            print(CallerExplanation(address: address, settings: settings).text, terminator: "")
        case .process(let processID):
            guard let explanation = CallerExplanation(processID: processID, settings: settings) else {
                throw NoSuchProcess(processID: processID)
            }
            print(explanation.text, terminator: "")
        }
    }
}

private struct NoSuchProcess: Error, CustomStringConvertible {
    let processID: Int32

    var description: String { "There is no process \(processID), or it can't be seen from here." }
}
