import BrokerAPI
import FoundationEssentials
import StrictYAML

/// `~/.config/stsbroker/config.yaml`: what the command line need not be told each time. Holds no secret.
struct ClientConfiguration: Codable, Equatable {
    /// The broker's URL.
    var broker: String?
    /// The authorities that may have signed the broker's certificate, what the command line presents where the broker asks for a
    /// certificate, and its key: absolute paths of PEM files.
    var caFile: String?
    var clientCertificate: String?
    var clientKey: String?
    /// The daemon's control socket.
    var socket: String?
    /// Where the broker lets people sign in, and the public client there; for whoever writes stsbrokerd.yaml.
    var issuer: String?
    var clientID: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case broker, socket, issuer
        case clientID = "client_id"
        case caFile = "ca_file"
        case clientCertificate = "client_certificate"
        case clientKey = "client_key"
    }

    /// XDG Base Directory Specification.
    static func path(in environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return "\(folder ?? "\(environment["HOME"] ?? "")/.config")/stsbroker/config.yaml"
    }

    /// Nothing, if there is no such file. A file that can't be read is an error, or the person would wonder.
    static func loaded(from path: String = path()) throws(InvalidYAML) -> ClientConfiguration {
        guard FileManager.default.fileExists(atPath: path) else { return ClientConfiguration() }
        return try StrictYAML.readDocument(
            ClientConfiguration.self, path: path, environment: [:], environmentPrefix: "STSBROKER"
        ).value
    }

    var brokerTLS: BrokerTLSFiles {
        BrokerTLSFiles(authorities: caFile, certificate: clientCertificate, key: clientKey)
    }

    var text: String {
        var lines = ["# Written by stsbroker configure."]
        let values: [(CodingKeys, String?)] = [
            (.broker, broker), (.caFile, caFile), (.clientCertificate, clientCertificate), (.clientKey, clientKey),
            (.socket, socket), (.issuer, issuer), (.clientID, clientID),
        ]
        for (key, value) in values {
            // A JSON text is YAML.
            if let value, let quoted = try? JSONText.of(value) { lines.append("\(key.rawValue): \(quoted)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Mode 0600, whole or not at all.
    func write(to path: String) throws(FileFailure) {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: "/\(folder)", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do throws(ProfileFileFault) {
            try ReplacedFile.change(path, isSecret: true) { _ in Array(text.utf8) }
        } catch {
            throw FileFailure(path: path, what: error.what)
        }
    }
}
