import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange

/// A role's credentials, got from the daemon as an SDK gets them, so that the same rules decide.
struct RoleCredentials: Decodable {
    let accessKeyID: String
    let secretAccessKey: Secret
    let sessionToken: Secret
    /// RFC 3339.
    let expiration: String
    let accountID: String?

    enum CodingKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "Token"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }

    /// Asks until they are there, for as long as the daemon is fetching them, and half a minute at most. What it says while it is
    /// fetching may be out of date when it is heard, so only an answer from after that counts as a refusal.
    static func fetch(_ role: RoleStatus, from daemon: DaemonClient) async throws -> RoleCredentials {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(30))
        var mayBeOutOfDate = true
        while true {
            let answer = try ask(role, try await daemon.status())
            if answer.status == 200, let credentials = StrictJSON.decode(Self.self, from: answer.body) {
                return credentials
            }
            let isFetching = try await daemon.status().roles.first { $0.name == role.name }?.state == "fetching"
            guard answer.status == 503, isFetching || mayBeOutOfDate, clock.now < end else {
                let refusal = StrictJSON.decode(DaemonError.self, from: answer.body)
                throw RoleRefusal(
                    code: refusal?.code ?? "", message: refusal?.message ?? "The daemon's answer is not understood.")
            }
            mayBeOutOfDate = isFetching
            if isFetching { try await clock.sleep(for: .milliseconds(300)) }
        }
    }

    private static func ask(_ role: RoleStatus, _ status: DaemonStatus) throws -> LocalAnswer {
        let listeners = status.listeners.filter { $0.face == "container" }
        // A Unix socket needs no token, and no network.
        guard let listener = listeners.first(where: { !$0.address.hasPrefix("/") }) ?? listeners.first,
            let address = LocalAddress(listener.address)
        else { throw RoleUnavailable(message: "The daemon has no container listener; add one to stsbrokerd.yaml.") }
        var headers: [(name: String, value: String)] = []
        if let file = listener.tokenFile, let token = try? Data(contentsOf: URL(filePath: file)) {
            headers.append(("Authorization", ProfileFile.trimmed(String(decoding: token, as: UTF8.self))))
        }
        do throws(LocalFailure) {
            return try LocalHTTP.ask("GET", DaemonStatus.path(to: role.name), at: address, headers: headers)
        } catch {
            throw RoleRefusal(
                code: "Unreachable", message: "The daemon can't be asked at \(listener.address): \(error.reason).")
        }
    }
}

/// Why the daemon gives no credentials.
struct RoleRefusal: Error, Equatable {
    /// As the container endpoint has it.
    let code: String
    let message: String
}
