import AccessControl
package import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import PolicyFiles
import StrictYAML

/// `stsbroker-server --config FILE [--check-config]`
package struct ServerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stsbroker-server",
        abstract: "The STS Broker: verifies who asks, decides, assumes roles, records.",
        discussion: """
            The broker's own AWS key comes from where AWS's SDKs look: environment, web identity token file, profile, \
            container, EC2 instance; with aws.mode web_identity it needs none. Settings can be overridden by variables such as STSBROKER_SERVER_AWS_REGION.

            SIGHUP reads the certificate anew, and the policies, where files govern them; what can't be used changes nothing. \
            SIGTERM or SIGINT stops it after it has answered what it accepted.
            """)

    @Option(help: "The configuration file.")
    package var config: String

    @Flag(help: "Check the configuration and the policies, print the result, and exit.")
    package var checkConfig = false

    @Flag(
        help:
            "Verify the whole audit trail and its checkpoints, say in the log what was found, and exit; no broker may run."
    )
    package var verifyAudit = false

    @Flag(help: "Let the file that the configuration names take over policies that the admin API governs so far.")
    package var replaceGovernedPolicies = false

    package init() {}

    /// The whole program: reads the arguments, runs, exits. At top level `main()` would mean the one that can't await.
    package static func launch() async {
        await main()
    }

    package func run() async throws {
        // What is to be read anew is read by then, or will be; the default would end the broker.
        signal(SIGHUP, SIG_IGN)
        let environment = ProcessInfo.processInfo.environment
        let loaded: LoadedConfiguration
        do {
            loaded = try LoadedConfiguration(path: config, environment: environment)
        } catch {
            throw Self.failure("\(error)")
        }
        if checkConfig {
            report(loaded)
        } else {
            do throws(StartFailure) {
                let server = BrokerServer(
                    loaded, environment: environment, replacesGoverned: replaceGovernedPolicies)
                if verifyAudit {
                    guard try await server.verifyAudit() else { throw StartFailure.trailBroken }
                } else {
                    try await server.run()
                }
            } catch {
                throw Self.failure("\(error)")
            }
        }
    }

    private func report(_ loaded: LoadedConfiguration) {
        let catalog = loaded.catalog.catalog
        guard loaded.policiesPath != nil else { return reportGovernedByAPI(loaded) }
        print("OK \(config): \(catalog.policies.count) policies, \(catalog.teams.count) teams")
        for warning in loaded.warnings { print("warning: \(warning)") }
    }

    private func reportGovernedByAPI(_ loaded: LoadedConfiguration) {
        print("OK \(config): policies and teams are governed by the admin API")
        if loaded.server.administrators?.isEmpty ?? true { print("warning: nobody may: there are no administrators") }
    }

    /// Exit status 1, after one line on standard error.
    private static func failure(_ message: String) -> ExitCode {
        let line = Array("stsbroker-server: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return ExitCode(1)
    }
}
