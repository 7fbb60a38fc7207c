import NIOHTTP1

/// One way of asking.
struct Scenario: Sendable {
    enum Face: Sendable {
        case container, imds
    }

    let name: String
    let face: Face
    let connections: Int
    let keepsAlive: Bool

    static let all = [
        Scenario(name: "container, kept alive", face: .container, connections: 1, keepsAlive: true),
        Scenario(name: "container, kept alive", face: .container, connections: 64, keepsAlive: true),
        Scenario(name: "IMDS, kept alive", face: .imds, connections: 1, keepsAlive: true),
        Scenario(name: "IMDS, kept alive", face: .imds, connections: 64, keepsAlive: true),
        // As most SDKs do: the caller is looked up for each request.
        Scenario(name: "container, new connections", face: .container, connections: 1, keepsAlive: false),
        Scenario(name: "container, new connections", face: .container, connections: 16, keepsAlive: false),
    ]
}

/// Where to ask, and what.
struct Target: Sendable {
    let port: Int
    let request: HTTPRequestHead

    init(port: Int, path: String, headers: [(String, String)], keepsAlive: Bool) {
        self.port = port
        let connection = keepsAlive ? [] : [("Connection", "close")]
        request = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: path,
            headers: HTTPHeaders([("Host", "127.0.0.1:\(port)")] + headers + connection))
    }
}
