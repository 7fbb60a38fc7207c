import ArgumentParser
import Commands

await StsbrokerCommand.main()
