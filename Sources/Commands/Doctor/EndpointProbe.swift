import DaemonAPI
import FoundationEssentials
import HTTPExchange

/// Walks the way that SDKs walk to credentials.
enum EndpointProbe {
    static func findings(_ listener: ListenerStatus, role: String?) -> Finding {
        let subject = "listener \(listener.name)"
        guard let address = LocalAddress(listener.address) else {
            return .warning(
                subject, "Its address \(listener.address) is not understood.",
                mend: "use stsbroker of the daemon's version.")
        }
        do throws(ProbeFault) {
            let role = try listener.face == "imds" ? instanceMetadata(address) : container(address, listener, role)
            return .ok(subject, "It gives credentials of \(role) at \(listener.address).")
        } catch {
            return .problem(subject, error.what, mend: error.mend)
        }
    }

    private static func instanceMetadata(_ address: LocalAddress) throws(ProbeFault) -> String {
        let lifetime = [(name: "X-aws-ec2-metadata-token-ttl-seconds", value: "60")]
        let token = text(try answer("PUT", "/latest/api/token", address, lifetime))
        let headers = [(name: "X-aws-ec2-metadata-token", value: token)]
        let path = "/latest/meta-data/iam/security-credentials/"
        let role = text(try answer("GET", path, address, headers))
        guard !role.isEmpty, !role.contains("/"), !role.contains("\n") else {
            throw ProbeFault(
                what: "It offers no role.", mend: "set default_role in stsbrokerd.yaml, or run: stsbroker use ROLE")
        }
        try requireKeys(
            try answer("GET", path + DaemonStatus.path(to: role).dropFirst("/role/".count), address, headers))
        return role
    }

    private static func container(
        _ address: LocalAddress, _ listener: ListenerStatus, _ role: String?
    ) throws(ProbeFault) -> String {
        var headers: [(name: String, value: String)] = []
        if let file = listener.tokenFile, let token = try? Data(contentsOf: URL(filePath: file)) {
            headers.append(("Authorization", String(decoding: token, as: UTF8.self)))
        }
        try requireKeys(try answer("GET", role.map { DaemonStatus.path(to: $0) } ?? "/", address, headers))
        return role ?? "the default role"
    }

    private static func answer(
        _ method: String, _ path: String, _ address: LocalAddress, _ headers: [(name: String, value: String)]
    ) throws(ProbeFault) -> LocalAnswer {
        let answer: LocalAnswer
        do throws(LocalFailure) {
            answer = try LocalHTTP.ask(method, path, at: address, headers: headers)
        } catch {
            throw ProbeFault(
                what: "It can't be asked: \(error.reason).", mend: "see whether stsbrokerd runs, and its log.")
        }
        if answer.status == 200 { return answer }
        let refusal = StrictJSON.decode(DaemonError.self, from: answer.body)
        throw ProbeFault(
            what: "It answers \(answer.status): \(Excerpt.line(refusal?.message ?? text(answer)))",
            mend: "stsbroker explain")
    }

    private static func requireKeys(_ answer: LocalAnswer) throws(ProbeFault) {
        guard StrictJSON.decode(RoleCredentials.self, from: answer.body) != nil else {
            throw ProbeFault(what: "It answers without keys.", mend: "stsbroker explain")
        }
    }

    private static func text(_ answer: LocalAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    /// The address at which every EC2 instance has one.
    static func realInstanceMetadata(_ status: DaemonStatus) -> [Finding] {
        let address = "169.254.169.254:80"
        guard !status.listeners.contains(where: { $0.address == address }), let target = LocalAddress(address),
            (try? LocalHTTP.ask("GET", "/", at: target, patience: 300)) != nil
        else { return [] }
        return [
            .warning(
                "instance metadata",
                "This machine has a real one at 169.254.169.254: programs that don't find the daemon get its role.",
                mend: "use the container endpoint (stsbroker env), or let the daemon listen at that address.")
        ]
    }
}

/// Why the way ended.
struct ProbeFault: Error, Equatable {
    let what: String
    let mend: String
}
