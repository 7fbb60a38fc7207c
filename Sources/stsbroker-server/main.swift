import Broker

await ServerCommand.launch()
