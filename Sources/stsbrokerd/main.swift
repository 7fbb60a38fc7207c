import Daemon

await DaemonCommand.launch()
