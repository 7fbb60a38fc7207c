import CLinux
import CredentialCache
import FoundationEssentials
import Glibc
import OIDC
import ServiceLifecycle

/// Tells the daemon's own user on their desktop that the sign-in ends soon, or has ended. Others' desktops are not within a daemon's
/// reach; they see it in `stsbroker status`.
struct SignInWatch<Sleeper: Clock>: Service where Sleeper.Duration == Duration {
    static var pause: Duration { .seconds(60) }

    let principal: Principal
    let signIns: SignInStore
    let clock: Sleeper
    let now: @Sendable () -> Date
    let notify: @Sendable (String) async -> Void

    func run() async {
        await cancelWhenGracefulShutdown {
            var notices = SignInNotices()
            while (try? await clock.sleep(for: Self.pause)) != nil {
                let state: SignInNotices.State =
                    if await signIns.hasEnded(principal) { .ended } else {
                        .current(end: await signIns.current(principal)?.end)
                    }
                if let text = notices.text(for: state, now: now()) { await notify(text) }
            }
        }
    }
}

/// What is worth telling, each once. A pure value.
struct SignInNotices {
    enum State: Equatable {
        /// Signed in until then, as far as is known, or not at all.
        case current(end: Date?)
        /// By itself: nobody signed out.
        case ended
    }

    /// Long enough to finish something first.
    static let notice: TimeInterval = 15 * 60

    private var last: State?

    mutating func text(for state: State, now: Date) -> String? {
        guard state != last else { return nil }
        switch state {
        case .ended:
            last = state
            return "Your sign-in has ended. Run: stsbroker login"
        case .current(let end?) where end.timeIntervalSince(now) < Self.notice:
            defer { last = state }
            // A refresh that moves an end which was told and leaves it near is no news.
            if case .current(let told?) = last, told > now { return nil }
            return "Your sign-in ends soon. Run: stsbroker login"
        case .current:
            last = nil
            return nil
        }
    }
}

/// freedesktop.org's notifications, by the program notify-send where it is present.
enum DesktopNotification {
    /// By argument vector: no shell sees the text. The program gets none of the daemon's descriptors: SwiftNIO's sockets, such as the
    /// control socket's connections, aren't closed on exec. The program ends once the message is handed over; where nobody takes
    /// the message, it is ended after `patience`, and when the task is cancelled. By itself it waits 25 seconds (the default of GDBus).
    static func show(_ text: String, with program: String = "notify-send", patience: Duration = .seconds(30)) async {
        guard let process = start([program, "--app-name=stsbroker", "STS Broker", text]) else { return }
        let end = ContinuousClock.now + patience
        while waitpid(process, nil, WNOHANG) == 0 {
            if ContinuousClock.now < end, (try? await ContinuousClock().sleep(for: .milliseconds(50))) != nil {
                continue
            }
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            return
        }
    }

    private static func start(_ words: [String]) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        guard posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0 else { return nil }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        return posix_spawnp(&process, words[0], &actions, nil, &arguments, environ) == 0 ? process : nil
    }
}
