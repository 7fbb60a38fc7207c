import DaemonAPI
import Testing

@testable import Commands

@Suite struct SDKEnvironmentTests {
    private let endpoint = RoleEndpoint.container(url: "http://127.0.0.1:9912/role/dev", tokenFile: "/run/t's/0")

    private func status(_ listeners: [ListenerStatus]) -> DaemonStatus {
        DaemonStatus(
            version: "1", brokerURL: "https://b", provider: ProviderStatus(issuer: "i", clientID: "c", scopes: []),
            signIn: SignInStatus(state: .signedIn), listeners: listeners,
            roles: [
                RoleStatus(name: "dev", policy: "p", isDefault: true, state: "idle"),
                RoleStatus(name: "a+b", policy: "p", isDefault: false, state: "idle"),
            ])
    }

    @Test(
        arguments: [
            ([:], "127.0.0.1,localhost"), (["NO_PROXY": "a, b"], "a,b,127.0.0.1,localhost"),
            (["no_proxy": "x,127.0.0.1", "NO_PROXY": "y"], "x,127.0.0.1,localhost"), (["NO_PROXY": "*"], "*"),
            (["NO_PROXY": "127.0.0.1,localhost"], "127.0.0.1,localhost"),
        ] as [([String: String], String)])
    func `what goes to proxies otherwise is kept, and the endpoint never does`(before: [String: String], after: String)
    {
        let set = SDKEnvironment(endpoint, in: before).set
        for name in ["NO_PROXY", "no_proxy"] { #expect(set.first { $0.name == name }?.value == after) }
    }

    @Test func `each shell gets its own words, with values that stand for themselves`() {
        let environment = SDKEnvironment(endpoint, in: [:])
        let posix = environment.script(.bash)
        #expect(posix.hasPrefix("unset AWS_ACCESS_KEY_ID\n"))
        #expect(posix.contains(#"export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE='/run/t'\''s/0'"#))
        #expect(environment.script(.fish).contains(#"set -gx AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE '/run/t\'s/0'"#))
        #expect(environment.script(.powershell).contains("$env:AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = '/run/t''s/0'"))
        #expect(environment.script(.powershell).contains("Remove-Item -ErrorAction Ignore Env:AWS_PROFILE\n"))
    }

    @Test(
        arguments: [("/bin/bash", .posix), ("/usr/bin/fish", .fish), ("/opt/pwsh", .powershell), (nil, .posix)]
            as [(String?, ShellDialect)])
    func `the shell is known by its name`(shell: String?, dialect: ShellDialect) {
        #expect(ShellDialect(shell: shell) == dialect)
    }

    @Test func `the container endpoint comes first, and IMDS serves the default role`() throws {
        let listeners = [
            ListenerStatus(name: "i", face: "imds", address: "127.0.0.1:9911"),
            ListenerStatus(name: "s", face: "container", address: "/run/s", tokenFile: "/t"),
            ListenerStatus(name: "c", face: "container", address: "0.0.0.0:9912", tokenFile: "/t"),
        ]
        let both = status(listeners)
        let (dev, other) = (both.roles[0], both.roles[1])
        #expect(try both.endpoint(of: dev) == .container(url: "http://127.0.0.1:9912/role/dev", tokenFile: "/t"))
        #expect(try both.endpoint(of: other) == .container(url: "http://127.0.0.1:9912/role/a%2Bb", tokenFile: "/t"))
        let imds = RoleEndpoint.instanceMetadata(url: "http://127.0.0.1:9911/")
        #expect(try both.endpoint(of: dev, prefersIMDS: true) == imds)
        #expect(try status([listeners[0]]).endpoint(of: dev) == imds)
        #expect(throws: RoleUnavailable.self) { try status([listeners[0]]).endpoint(of: other) }
        #expect(throws: RoleUnavailable.self) { try status([listeners[1]]).endpoint(of: dev) }
        #expect(try both.role(named: nil) == dev)
        #expect(throws: RoleUnavailable(message: "No role \"x\" is offered to you; run: stsbroker status")) {
            try both.role(named: "x")
        }
    }
}

@Suite struct LocalHTTPTests {
    @Test(
        arguments: [
            ("127.0.0.1:80", LocalAddress.ip(host: "127.0.0.1", port: 80), "127.0.0.1:80"),
            ("[::1]:9912", .ip(host: "::1", port: 9912), "[::1]:9912"),
            ("0.0.0.0:1", .ip(host: "127.0.0.1", port: 1), "127.0.0.1:1"),
            ("[::]:1", .ip(host: "::1", port: 1), "[::1]:1"),
            ("/run/x", .unix("/run/x"), "localhost"),
        ])
    func `addresses are read as the daemon tells them`(text: String, address: LocalAddress, authority: String) {
        #expect(LocalAddress(text) == address)
        #expect(LocalAddress(text)?.authority == authority)
    }

    @Test(arguments: ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", ":"])
    func `what is no address is none`(text: String) {
        #expect(LocalAddress(text) == nil)
    }

    @Test func `an answer has a status, fields and a body`() {
        let answer = LocalAnswer(Array("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-A:  b\r\n\r\nhi".utf8))
        #expect(
            answer == LocalAnswer(status: 404, headers: ["content-length": "2", "x-a": "b"], body: Array("hi".utf8)))
    }

    @Test(
        arguments: [
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 x\r\n\r\n", "ICY 200 OK\r\n\r\n",
            "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nhi",
            "HTTP/1.1 200\r\nnonsense\r\n\r\n", "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200\r\nContent-Length: -1\r\n\r\n",
        ])
    func `half an answer is none`(text: String) {
        #expect(LocalAnswer(Array(text.utf8)) == nil)
    }
}
