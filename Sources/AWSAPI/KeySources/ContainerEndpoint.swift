import FoundationEssentials
import HTTPExchange

/// Where ECS, EKS and their like serve a container's credentials (AWS SDKs and Tools Reference Guide, "Container credential
/// provider").
struct ContainerEndpoint: Sendable, Equatable {
    /// ECS's own address, to which a relative URI belongs.
    private static let defaultHost = "169.254.170.2"
    /// To which plain HTTP may go besides loopback: ECS, and EKS on IPv4 and IPv6.
    private static let plainHosts: Set<String> = [defaultHost, "169.254.170.23", "fd00:ec2::23", "[fd00:ec2::23]"]

    let url: String

    /// `nil` if the environment names none. The relative URI wins over the full one.
    init?(_ environment: [String: String]) throws(AWSError) {
        if let path = Self.value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", in: environment) {
            guard path.hasPrefix("/"), Self.isVisible(path) else {
                throw .misconfigured("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with /")
            }
            url = "http://\(Self.defaultHost)\(path)"
            return
        }
        guard let text = Self.value("AWS_CONTAINER_CREDENTIALS_FULL_URI", in: environment) else { return nil }
        guard Self.isVisible(text), let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            parts.scheme == "https" || (parts.scheme == "http" && Self.mayBePlain(host))
        else {
            throw .misconfigured(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to loopback, 169.254.170.2, 169.254.170.23 or "
                    + "fd00:ec2::23")
        }
        url = text
    }

    private static func mayBePlain(_ host: String) -> Bool {
        LoopbackHost.contains(host) || plainHosts.contains(host.lowercased())
    }

    private static func isVisible(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    private static func value(_ name: String, in environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
