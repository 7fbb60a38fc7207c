import FoundationEssentials
import HTTPExchange

/// Where a service is: a base URL, split into what is signed and what is called.
struct AWSEndpoint: Sendable {
    /// `scheme://host[:port]path`, without query.
    let url: String
    /// The `Host` header: the port is left out if it is the scheme's own.
    let host: String
    let path: String

    init(_ text: String) throws(AWSError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let name = parts.percentEncodedHost, !name.isEmpty
        else {
            throw .misconfigured("\(Excerpt.quoted(text)) is not a URL of the form https://HOST")
        }
        guard parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil else {
            throw .misconfigured("\(Excerpt.quoted(text)) must not have a user, a query or a fragment")
        }
        guard scheme == "https" || LoopbackHost.contains(name) else {
            throw .misconfigured("\(Excerpt.quoted(text)) must be https; http is for loopback only")
        }
        let isOwnPort = parts.port == nil || parts.port == (scheme == "https" ? 443 : 80)
        host = name.lowercased() + (isOwnPort ? "" : parts.port.map { ":\($0)" } ?? "")
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        url = "\(scheme)://\(host)\(path)"
    }
}

extension AWSEndpoint {
    /// What the names of the region's endpoints end with (AWS General Reference, "AWS service endpoints").
    static func domain(ofRegion region: String) -> String {
        region.utf8.starts(with: "cn-".utf8) ? "amazonaws.com.cn" : "amazonaws.com"
    }
}
