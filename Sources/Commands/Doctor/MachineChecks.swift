import DaemonAPI
import FoundationEssentials
import Glibc

/// What can be seen on this machine without asking anybody.
enum MachineChecks {
    /// botocore refuses a token with a newline; a token that others can read is not one user's.
    static func tokenFile(_ path: String, user: UInt32) -> Finding {
        let mend = "restart stsbrokerd, which writes it anew; its log says why if it can't."
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return .problem("token file", "\(path) is not there.", mend: mend) }
        // A daemon that may not give files away lets the user read its own by an access control list, which shows as the group's bits.
        let isPrivate = facts.st_mode & 0o007 == 0 && (facts.st_uid != user || facts.st_mode & 0o777 == 0o600)
        guard facts.st_mode & S_IFMT == S_IFREG, isPrivate else {
            return .problem("token file", "\(path) is not a file that you alone may read.", mend: mend)
        }
        guard let token = try? Data(contentsOf: URL(filePath: path)), !token.isEmpty else {
            return .problem("token file", "\(path) can't be read, or is empty.", mend: mend)
        }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .problem("token file", "\(path) has a newline or a blank, which SDKs send along.", mend: mend)
        }
        return .ok("token file", "\(path) is for you only, and has one token.")
    }

    static func signIn(_ status: DaemonStatus) -> Finding {
        guard status.signIn.state == .signedIn else {
            return .problem("sign-in", "Nobody is signed in.", mend: "stsbroker login")
        }
        if let end = status.signIn.endsSoon {
            return .warning("sign-in", "It ends at \(end).", mend: "stsbroker login")
        }
        return .ok("sign-in", "\(status.signIn.subject ?? "unknown"), \(WhoamiCommand.place(of: status.signIn)).")
    }

    static func lock(_ status: DaemonStatus) -> [Finding] {
        guard status.isLocked == true else { return [] }
        return [.problem("lock", "The daemon is locked for you.", mend: "stsbroker unlock")]
    }

    static var interfaces: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? []
    }

    /// - Parameter seconds: how far the broker's clock is ahead of this machine's.
    static func clock(aheadBy seconds: Double) -> Finding {
        let whole = Int(abs(seconds).rounded())
        // AWS takes requests whose time is off by five minutes at most, and ID tokens are good from their issue on.
        guard whole > 30 else { return .ok("clock", "It agrees with the broker's.") }
        return .problem(
            "clock",
            "This machine's is \(TimeText.rough(Double(whole))) \(seconds > 0 ? "behind" : "ahead of") the broker's.",
            mend: "timedatectl set-ntp true")
    }
}
