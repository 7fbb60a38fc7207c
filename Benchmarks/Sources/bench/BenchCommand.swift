import ArgumentParser

/// `bench`: the daemon under load, beside a server that answers the same bytes without looking.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure stsbrokerd's request path over loopback.",
        discussion: """
            Starts a sandbox and a bare SwiftNIO server, asks both in turn, and prints a table. Compare ratios within one \
            run only: client and servers share the machine.
            """,
        subcommands: [MeasureCommand.self, BaselineCommand.self], defaultSubcommand: MeasureCommand.self)

    /// Runs the program: parses the arguments, and exits. At top level `main()` would mean the one that can't await.
    static func launch() async {
        await main()
    }
}

/// `bench measure`
struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Run every scenario against both servers.")

    @Option(help: "The folder with the release executables.")
    var bin = ".build/release"

    @Option(help: "Seconds for each scenario and server, after one of warming up.")
    var seconds = 5

    func validate() throws {
        guard (1...60).contains(seconds) else { throw ValidationError("--seconds must be 1 to 60") }
    }

    func run() async throws {
        try await SandboxUnderLoad.running(executables: bin) { sandbox in
            try await BareServer.running(answering: sandbox.sampleAnswer) { bare in
                var table = Table()
                for scenario in Scenario.all {
                    let load = Load(scenario: scenario, duration: .seconds(seconds))
                    let ours = try await load.measure(sandbox.target(for: scenario), server: sandbox.daemonPID)
                    let baseline = try await load.measure(bare.target(for: scenario), server: bare.pid)
                    table.add(scenario, ours, baseline: baseline)
                    print(table.lastLines)
                }
                print("\nstsbrokerd's memory after all of it: \(try ServerUsage(of: sandbox.daemonPID).residentText)")
            }
        }
    }
}
