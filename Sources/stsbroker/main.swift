import Commands

await StsbrokerCommand.main()
