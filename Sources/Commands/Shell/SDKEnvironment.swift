/// The variables by which an SDK finds an endpoint, and those that would outrank it.
struct SDKEnvironment: Equatable {
    private(set) var set: [(name: String, value: String)]
    private(set) var unset: [String]

    /// - Parameter environment: as it is now; what it says of proxies is kept and added to.
    init(_ endpoint: RoleEndpoint, in environment: [String: String]) {
        unset = Self.outranking
        switch endpoint {
        case .container(let url, let tokenFile):
            set = [
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url),
                // A file, not the token itself: some tools don't know the variable with the token, and fall through to IMDS.
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", tokenFile),
            ]
        case .instanceMetadata(let url):
            set = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)]
            unset += ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
        }
        // botocore asks proxies even for 127.0.0.1. Programs differ in which of the two they read.
        let direct = Self.noProxy(environment["no_proxy"] ?? environment["NO_PROXY"], for: endpoint.host)
        set += [("NO_PROXY", direct), ("no_proxy", direct)]
    }

    /// For the command line, what each shell reads.
    func script(_ shell: ShellDialect) -> String {
        (unset.map(shell.unset) + set.map { shell.set($0.name, $0.value) }).joined(separator: "\n")
    }

    /// What SDKs look at before the endpoints: keys, profiles, web identities, and the other container variables.
    private static let outranking = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    ]

    private static func noProxy(_ before: String?, for host: String) -> String {
        var hosts = (before ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
        if hosts.contains("*") { return "*" }
        for host in [host, "localhost"] where !hosts.contains(host) { hosts.append(host) }
        return hosts.joined(separator: ",")
    }

    static func == (left: Self, right: Self) -> Bool {
        left.unset == right.unset && left.set.elementsEqual(right.set) { $0 == $1 }
    }
}

extension RoleEndpoint {
    /// Without port or brackets.
    fileprivate var host: String {
        let url =
            switch self {
            case .container(let url, _): url
            case .instanceMetadata(let url): url
            }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }
}
