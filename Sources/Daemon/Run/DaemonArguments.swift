import CallerIdentity
import HTTPExchange
import Logging

/// What the command line asks for. Read by hand: ArgumentParser would bring along more than all of this daemon's own code.
struct DaemonArguments: Equatable {
    enum Wish: Equatable {
        case run(DaemonArguments)
        case showHelp
        case showVersion
    }

    /// What `--explain-caller` takes.
    enum CallerToExplain: Equatable {
        case process(Int32)
        case address(IPAddress)

        init?(_ text: String) {
            if let processID = Int32(text) {
                self = .process(processID)
            } else if let address = IPAddress(text), !address.isLoopback {
                self = .address(address)
            } else {
                return nil
            }
        }
    }

    /// `nil` for ``usualConfig``, or the environment alone where that is absent.
    var config: String?
    var checkConfig = false
    var checkHealth = false
    var explainCaller: CallerToExplain?
    var logLevel = Logger.Level.info

    /// - Parameter arguments: without the program's name. Of an option that is given twice, the last one counts.
    static func wish(in arguments: [String]) throws(WrongArguments) -> Wish {
        var read = DaemonArguments()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let name = argument.prefix { $0 != "=" }
            switch name {
            case "-h",
                "--help" where name == argument:
                return .showHelp
            case "--version" where name == argument: return .showVersion
            case "--check-config" where name == argument: read.checkConfig = true
            case "--check-health" where name == argument: read.checkHealth = true
            case "--config": read.config = try value(of: argument, named: name, &rest)
            case "--explain-caller":
                let text = try value(of: argument, named: name, &rest)
                guard let caller = CallerToExplain(text) else { throw .value(text, option: "\(name) <pid|address>") }
                read.explainCaller = caller
            case "--log-level":
                let text = try value(of: argument, named: name, &rest)
                guard let level = Logger.Level(rawValue: text) else { throw .value(text, option: "\(name) <level>") }
                read.logLevel = level
            default: throw argument.hasPrefix("-") ? .unknownOption(argument) : .unexpected(argument)
            }
        }
        return .run(read)
    }

    /// Behind the equals sign, or the next argument.
    private static func value(
        of argument: String, named name: Substring, _ rest: inout ArraySlice<String>
    ) throws(WrongArguments) -> String {
        if name.endIndex < argument.endIndex { return String(argument[argument.index(after: name.endIndex)...]) }
        guard let next = rest.popFirst(), !next.hasPrefix("--") else { throw .missingValue(option: String(name)) }
        return next
    }
}

/// Why the command line isn't understood; ends the program with status 64 (EX_USAGE of sysexits.h).
enum WrongArguments: Error, Equatable, CustomStringConvertible {
    case unknownOption(String)
    case unexpected(String)
    case missingValue(option: String)
    case value(String, option: String)

    var description: String {
        switch self {
        case .unknownOption(let option): "Unknown option \(Excerpt.quoted(option))"
        case .unexpected(let argument): "Unexpected argument \(Excerpt.quoted(argument))"
        case .missingValue(let option): "Missing value for \(option)"
        case .value(let value, let option): "The value \(Excerpt.quoted(value)) is invalid for \(option)"
        }
    }
}

extension DaemonArguments {
    static let usualConfig = "/etc/stsbroker/stsbrokerd.yaml"

    static let usage = """
        USAGE: stsbrokerd [--config <file>] [--check-config] [--check-health] [--explain-caller <pid|address>]
                          [--log-level <level>]
        """

    static let help = """
        OVERVIEW: Hands AWS credentials to the SDKs on this machine, as EC2, ECS and EKS do.

        Answers from memory, refreshes before credentials expire, and gives each local user their own. Each scalar of
        the configuration can be overridden by an environment variable, STSBROKERD_BROKER_URL for broker.url, and each
        list by one that has it as YAML. Where there is neither --config nor the usual file, variables alone are enough.

        SIGHUP, or a change of its file, reads the configuration anew: roles, callers, instance and metadata change at
        once, other settings take a restart, and a file that can't be used changes nothing. SIGTERM or SIGINT stops it
        after shutdown_delay and after it has answered what it accepted; a second one stops it at once. Exit status: 0
        after that, 1 for a configuration or a listener that can't be used, 64 for wrong arguments.

        \(usage)

        OPTIONS:
          --config <file>         The configuration file. (default: /etc/stsbroker/stsbrokerd.yaml)
          --check-config          Check the configuration, say what is wrong with it, and exit.
          --check-health          Ask the daemon that runs with this configuration whether its listeners answer, and
                                  exit: with 0 if they do, with 1 if not.
          --explain-caller <pid|address>
                                  Say which entry of callers would match that process, or that address of another
                                  machine, if it connected now, and why, and exit.
          --log-level <level>     How much to log. (values: trace, debug, info, notice, warning, error, critical;
                                  default: info)
          --version               Show the version.
          -h, --help              Show help information.
        """
}
