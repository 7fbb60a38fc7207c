/// A process with the program that it ran when it was looked at.
///
/// Which file that is, is asked once, on a thread that may wait: the user chooses the path, and the file system there may be one
/// that doesn't answer (NFS, autofs, FUSE). What is asked at each answer is in /proc.
struct ObservedProcess: Sendable {
    private let process: CallerProcess
    private let program: CallerProcess.Program
    private let executable: String?

    /// Asks the file system that the program is on, which may take long. `nil` if the process has ended.
    init?(_ process: CallerProcess) {
        guard let program = process.program() else { return nil }
        self.process = process
        self.program = program
        executable = process.path(of: program)
    }

    /// What the process is now; `nil` once it has ended. Never waits for a file system.
    ///
    /// It has no `executable` any more if /proc calls the program by another name, as it does after execve(2) of another file and
    /// once the file was moved or removed; nor if the process has changed to another mount namespace, where another file may have
    /// the same name.
    func facts() -> ProcessFacts? {
        guard let current = process.program() else { return nil }
        return ProcessFacts(
            processID: process.processID, executable: current == program ? executable : nil,
            controlGroup: process.controlGroup)
    }
}
