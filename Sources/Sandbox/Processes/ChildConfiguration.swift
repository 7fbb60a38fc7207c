/// The configuration files of the broker and the daemon, as the sandbox writes them.
enum ChildConfiguration {
    /// - Parameter isKeyless: whether it is to issue tokens instead of having a key of AWS.
    static func broker(
        state: StateDirectory, account: SampleAccount, issuer: String, stsURL: String, brokerURL: String,
        isKeyless: Bool
    ) -> String {
        let keyless = isKeyless ? "\n  mode: web_identity\n  web_identity: {issuer: \(quoted(brokerURL))}" : ""
        return """
            # Written by stsbroker-sandbox at each start.
            listen:
              unix: \(quoted(state.file("broker.sock")))
            database: \(quoted(state.file("broker.sqlite")))
            policies: \(quoted(state.file("policies.yaml")))
            auditors: [security]
            aws:
              region: \(quoted(account.region))
              sts_endpoint: \(quoted(stsURL))
              signin_endpoint: \(quoted(stsURL + "/federation"))\(keyless)
            issuers:
              - issuer: \(quoted(issuer))
                audiences: [\(RegisteredClient.stsbroker.id), \(RegisteredClient.pages.id)]
                algorithms: [RS256]
                token_use: id
                claims: {user: "cognito:username", teams: "custom:teams"}
            web: {url: \(quoted(brokerURL)), client_id: \(RegisteredClient.pages.id)}

            """
    }

    /// - Parameter isKeyless: whether sessions are no role chaining, and may last as long as their roles allow.
    static func policies(account: SampleAccount, isKeyless: Bool) -> String {
        let externalID = isKeyless ? "" : "external_id: \(SampleAccount.adminExternalID)\n    "
        let approval = externalID + "approval: {teams: [security]}"
        let policies = [
            ("developer", "Build and try things out", "stsbroker-developer", 10, "PowerUserAccess", "1h"),
            (
                "readonly", "Look, but change nothing", "stsbroker-readonly", 1, "ReadOnlyAccess",
                isKeyless ? "12h" : "1h"
            ),
            ("admin", "Everything; needs approval", "stsbroker-admin", 80, "AdministratorAccess", "1h"),
        ]
        let entries = policies.map { id, description, role, risk, managed, duration in
            """
              - id: \(id)
                description: \(quoted(description))
                account: "\(account.id)"
                base_role: \(quoted(account.roleARN(role)))
                risk: \(risk)
                managed_policies: ["arn:aws:iam::aws:policy/\(managed)"]
                user_tags: [costcenter]
                default_tags: [{project: sandbox}]
                transitive_tags: [costcenter]
                max_duration: \(duration)
            """ + (risk > 50 ? "\n    " + approval : "")
        }
        return """
            # Written by stsbroker-sandbox at each start.
            policies:
            \(entries.joined(separator: "\n"))
            teams:
              - id: developers
                policies: [developer, readonly, admin]
              - id: security
                policies: [readonly]
              - id: operators
                policies: [readonly]

            """
    }

    static func daemon(
        state: StateDirectory, account: SampleAccount, issuer: String, brokerURL: String, userID: UInt32,
        isKeyless: Bool
    ) -> String {
        """
        # Written by stsbroker-sandbox at each start.
        broker: {url: \(quoted(brokerURL))}
        identity_provider:
          issuer: \(quoted(issuer))
          client_id: \(RegisteredClient.stsbroker.id)
          scopes: [openid, email, profile]
        instance: {region: \(quoted(account.region))}
        roles:
          - {name: developer, policy: developer, duration: 1h}
          - {name: readonly, policy: readonly, duration: \(isKeyless ? "12h" : "1h")}
          - {name: admin, policy: admin, duration: 1h}
        default_role: developer
        listeners:
          - {name: imds, face: imds, address: "127.0.0.1:0"}
          - {name: containers, face: container, address: "127.0.0.1:0"}
          - {name: containers-unix, face: container, unix: \(quoted(state.file("containers.sock")))}
        callers:
          - {user: "\(userID)", roles: [developer, readonly, admin]}
        control_socket: \(quoted(state.file("control.sock")))
        token_directory: \(quoted(state.file("tokens")))

        """
    }

    /// A double-quoted YAML scalar (YAML 1.2 section 7.3.1).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
