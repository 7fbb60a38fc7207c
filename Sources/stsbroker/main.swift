import Commands

await StsbrokerCommand.launch()
