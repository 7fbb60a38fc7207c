import FoundationEssentials
import Glibc

/// Where something listens on this machine, as the daemon's status tells it: `127.0.0.1:9912`, `[::1]:9912`, or a path.
enum LocalAddress: Equatable {
    case unix(String)
    /// Without brackets. An address that stands for all is the loopback one.
    case ip(host: String, port: UInt16)

    init?(_ text: String) {
        if text.hasPrefix("/") {
            self = .unix(text)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let loopback = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        self = .ip(host: loopback[String(host)] ?? String(host), port: port)
    }

    /// What a `Host` header calls it.
    var authority: String {
        switch self {
        case .unix: "localhost"
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

/// An answer, whole.
struct LocalAnswer: Equatable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
}

/// Why there is none; completes "ADDRESS can't be asked: ".
struct LocalFailure: Error, Equatable {
    let reason: String
    /// The number of the system call's error, if one failed.
    var number: CInt?
}

/// One HTTP request to something on this machine, without proxies, threads or names to look up. It is done in the time that an
/// HTTP library takes to start, and it blocks.
enum LocalHTTP {
    private static let longestAnswer = 1 << 20

    /// - Parameter patience: in milliseconds, for each wait for the other side.
    static func ask(
        _ method: String, _ path: String, at address: LocalAddress, headers: [(name: String, value: String)] = [],
        patience: CInt = 5_000
    ) throws(LocalFailure) -> LocalAnswer {
        guard headers.allSatisfy({ $0.value.utf8.allSatisfy { (0x20...0x7E).contains($0) } }) else {
            throw LocalFailure(reason: "a header field would break the request, such as a token with a newline")
        }
        let descriptor = try LocalSocket.connected(to: address, patience: patience)
        defer { close(descriptor) }
        var text =
            "\(method) \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nConnection: close\r\nUser-Agent: stsbroker\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        try LocalSocket.send(Array("\(text)\r\n".utf8), to: descriptor)
        var bytes: [UInt8] = []
        while let part = try LocalSocket.receive(from: descriptor, patience: patience) {
            bytes += part
            guard bytes.count <= longestAnswer else { throw LocalFailure(reason: "its answer is endless") }
        }
        guard let answer = LocalAnswer(bytes) else {
            throw LocalFailure(reason: "it doesn't answer as HTTP/1.1 has it")
        }
        return answer
    }
}

extension LocalAnswer {
    /// `nil` unless `bytes` are one complete answer, whose end is told by its length or by the connection's.
    init?(_ bytes: [UInt8]) {
        guard let end = Self.endOfHead(bytes) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        let body = bytes[(end + 4)...]
        guard headers["transfer-encoding"] == nil else { return nil }
        let length = headers["content-length"].flatMap { Int($0) } ?? body.count
        guard length >= 0, body.count >= length else { return nil }
        self.init(status: status, headers: headers, body: Array(body.prefix(length)))
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        return bytes.indices.first { bytes[$0...].starts(with: mark) }
    }
}
