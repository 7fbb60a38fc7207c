/// The lines that a shell sources to use the sandbox: what it sets, and what it unsets because SDKs prefer it.
package struct ShellEnvironment: Sendable {
    package var set: [(name: String, value: String)]
    package var unset: [String]

    /// For SDKs that take the container credentials.
    package static func containers(_ addresses: SandboxAddresses) -> ShellEnvironment {
        var environment = common(addresses)
        environment.set += [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", addresses.containerURL ?? ""),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", addresses.tokenFile ?? ""),
        ]
        environment.unset += ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]
        return environment
    }

    /// For SDKs that take the instance metadata service.
    package static func instanceMetadata(_ addresses: SandboxAddresses) -> ShellEnvironment {
        var environment = common(addresses)
        environment.set.append(("AWS_EC2_METADATA_SERVICE_ENDPOINT", addresses.imdsURL ?? ""))
        environment.unset += [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        ]
        return environment
    }

    private static func common(_ addresses: SandboxAddresses) -> ShellEnvironment {
        ShellEnvironment(
            set: [
                ("AWS_ENDPOINT_URL_STS", addresses.stsURL),
                ("AWS_REGION", addresses.region),
                ("AWS_DEFAULT_REGION", addresses.region),
                // Dummy keys in a profile would outrank the daemon.
                ("AWS_CONFIG_FILE", "/dev/null"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("STSBROKER_URL", addresses.brokerURL),
                ("STSBROKER_SOCKET", addresses.daemonSocket ?? ""),
                ("STSBROKER_SANDBOX_URL", addresses.controlURL),
            ],
            unset: [
                "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_EC2_METADATA_DISABLED",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            ])
    }

    /// A POSIX shell script. Sourcing it twice does no harm, nor does `set -u`.
    package var script: String {
        let assignments = set.map { "export \($0.name)=\(ShellQuoting.quoted($0.value))" }
        let proxies = ["NO_PROXY", "no_proxy"].map { name in
            """
            case ",${\(name)-}," in
                *,127.0.0.1,*) ;;
                *) \(name)="${\(name)-}${\(name):+,}127.0.0.1,localhost" ;;
            esac
            export \(name)
            """
        }
        let head = ["# To be sourced by a POSIX shell, with the dot command.", "unset \(unset.joined(separator: " "))"]
        let lines = head + assignments + proxies
        return lines.joined(separator: "\n") + "\n"
    }
}
