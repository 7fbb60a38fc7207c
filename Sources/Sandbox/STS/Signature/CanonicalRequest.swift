import Crypto

/// The canonical form of a request (IAM user guide, "Create a signed AWS API request", step 1), rebuilt from the bytes
/// that came, not from anything a client said about them.
struct CanonicalRequest {
    var text: String

    /// `excludingQuery` names the parameter that holds the signature itself, of a presigned request.
    init(_ request: SignedRequest, signedHeaders: [String], excludingQuery excluded: String? = nil) {
        let headers = signedHeaders.map { name in
            let values = request.values(of: name).map(Self.trimmed).joined(separator: ",")
            return "\(name):\(values)\n"
        }
        text = [
            request.method,
            Self.path(request.path),
            Self.query(request.query, excluding: excluded),
            headers.joined(),
            signedHeaders.joined(separator: ";"),
            PercentEncoding.hexadecimal(SHA256.hash(data: request.body)),
        ].joined(separator: "\n")
    }

    var hash: String {
        PercentEncoding.hexadecimal(SHA256.hash(data: Array(text.utf8)))
    }

    /// Dot segments resolved, then encoded once more as it stands: every service but S3 signs the path encoded twice.
    private static func path(_ raw: String) -> String {
        var segments: [Substring] = []
        for segment in raw.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        guard !segments.isEmpty else { return "/" }
        let isDirectory = ["/", "/.", "/.."].contains { raw.hasSuffix($0) }
        let encoded = segments.map { PercentEncoding.encoded($0) }.joined(separator: "/")
        return "/\(encoded)" + (isDirectory ? "/" : "")
    }

    /// Names and values encoded anew, sorted by name and then by value, as bytes.
    private static func query(_ raw: String, excluding excluded: String?) -> String {
        let pairs = raw.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: normalized(sides.first), value: sides.count > 1 ? normalized(sides[1]) : "")
        }
        return pairs.filter { $0.name != excluded }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    private static func normalized(_ bytes: Substring.UTF8View?) -> String {
        guard let bytes else { return "" }
        guard let decoded = PercentEncoding.decoded(bytes) else { return String(Substring(bytes)) }
        return PercentEncoding.encoded(decoded)
    }

    /// Without blanks at the ends, and with single ones inside.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}
