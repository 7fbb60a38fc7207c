/// Where everything is: the content of `sandbox.json`, written when all of it is ready. Mode 0600, because it holds the
/// sample account's keys.
package struct SandboxAddresses: Codable, Sendable, Equatable {
    package var pid: Int32
    package var stateDirectory: String
    package var controlURL: String
    package var idpURL: String
    package var stsURL: String
    package var brokerURL: String
    package var region: String
    package var accountID: String
    /// The long-term key of the broker's IAM user, good for this run only.
    package var accessKeyID: String
    package var secretAccessKey: String
    /// All below are missing with `--idp-and-sts-only`.
    package var user: String?
    package var daemonSocket: String?
    /// `http://127.0.0.1:PORT/`, with the slash.
    package var imdsURL: String?
    /// The default role's credentials on the container face.
    package var containerURL: String?
    package var containerSocket: String?
    package var tokenFile: String?
    package var brokerPID: Int32?
    package var daemonPID: Int32?
    package var brokerLog: String?
    package var daemonLog: String?

    enum CodingKeys: String, CodingKey {
        case pid, region, user
        case stateDirectory = "state_dir"
        case controlURL = "control_url"
        case idpURL = "idp_url"
        case stsURL = "sts_url"
        case brokerURL = "broker_url"
        case accountID = "account_id"
        case accessKeyID = "access_key_id"
        case secretAccessKey = "secret_access_key"
        case daemonSocket = "daemon_socket"
        case imdsURL = "imds_url"
        case containerURL = "container_url"
        case containerSocket = "container_socket"
        case tokenFile = "token_file"
        case brokerPID = "broker_pid"
        case daemonPID = "daemon_pid"
        case brokerLog = "broker_log"
        case daemonLog = "daemon_log"
    }
}
