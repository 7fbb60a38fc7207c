/// The canonical form of a request (IAM User Guide, "Create a signed AWS API request", step 1), and the list of headers
/// that it covers.
struct CanonicalRequest {
    /// Lower-case header names, sorted, joined by `;`.
    let signedHeaders: String
    let text: String

    /// `payloadHash` is the lower-case hexadecimal SHA-256 of the body. `keepsPath` is S3's rule: the path is signed as
    /// it is sent. For every other service it is normalized and encoded once more.
    init(_ request: SigV4Request, headers: [(name: String, value: String)], payloadHash: String, keepsPath: Bool) {
        let canonicalHeaders = Self.canonicalHeaders(headers)
        signedHeaders = canonicalHeaders.map(\.name).joined(separator: ";")
        text = [
            request.method.uppercased(),
            keepsPath
                ? Self.unchangedPath(request.path) : PercentEncoding.encodedPath(Self.normalizedPath(request.path)),
            Self.canonicalQuery(request.query),
            canonicalHeaders.map { "\($0.name):\($0.value)\n" }.joined(),
            signedHeaders,
            payloadHash,
        ].joined(separator: "\n")
    }

    /// Hop-by-hop headers and those that proxies rewrite: signing one breaks the request on its way.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    private static func canonicalHeaders(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            values[header.name.lowercased(), default: []].append(folded(header.value))
        }
        return
            values
            .filter { !unsignedHeaders.contains($0.key) }
            .sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value.joined(separator: ",")) }
    }

    /// Without blanks at the ends, and with each run of blanks inside as one space.
    private static func folded(_ value: String) -> String {
        value.utf8
            .split { $0 == 0x20 || (0x09...0x0D).contains($0) }
            .map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: " ")
    }

    /// Sorted by encoded name, then by encoded value.
    private static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        query
            .map { (PercentEncoding.encoded($0.name), PercentEncoding.encoded($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private static func unchangedPath(_ path: String) -> String {
        path.isEmpty ? "/" : path
    }

    /// RFC 3986 section 5.2.4 "Remove Dot Segments"; AWS drops empty segments too.
    private static func normalizedPath(_ path: String) -> String {
        var kept: [String.UTF8View.SubSequence] = []
        for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
            switch String(decoding: segment, as: UTF8.self) {
            case ".": continue
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        let joined = kept.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        let endsInSlash = path.utf8.last == UInt8(ascii: "/") && !kept.isEmpty
        return "/" + joined + (endsInSlash ? "/" : "")
    }
}
