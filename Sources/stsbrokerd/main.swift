import ArgumentParser
import Daemon

await DaemonCommand.main()
