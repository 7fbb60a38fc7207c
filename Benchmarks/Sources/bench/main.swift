await BenchCommand.launch()
