import CallerIdentity
import Glibc
import OIDC

/// The person's browser.
enum Browser {
    /// Long enough for a browser that starts slowly; the link ends after 15 minutes anyway.
    private static let patience = Duration.seconds(60)

    /// Whether the browser has fetched `link`, which whoever has it may use. No argument vector has the link, for every user may read
    /// those: the browser is given a loopback address that leads there, once, and for this user's programs only.
    static func openSecret(
        _ link: String, within limit: Duration = patience, opening open: (String) -> Bool = open
    ) async -> Bool {
        let resolver = CallerResolver()
        let user = geteuid()
        // Without a listener the person gets the link itself.
        guard
            let door = try? await LoopbackRedirect.listenForBrowser(
                admitting: { resolver.isUser(user, atOtherEndOf: $0) })
        else { return false }
        guard open(door.redirectURI) else {
            await door.close()
            return false
        }
        return await door.forward(to: link, within: limit)
    }

    /// Whether something was started to show `url`. By argument vector: no shell sees the address.
    static func open(_ url: String) -> Bool {
        let displays = [getenv("DISPLAY"), getenv("WAYLAND_DISPLAY")].compactMap(\.self)
        guard displays.contains(where: { $0.pointee != 0 }) else { return false }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("xdg-open"), strdup(url), nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        return posix_spawnp(&process, "xdg-open", &actions, nil, &arguments, environ) == 0
    }
}
