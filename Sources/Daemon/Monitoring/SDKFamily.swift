/// Which SDK asks, by what it calls itself: a small closed set, so that nobody's words become labels of metrics.
enum SDKFamily: String, Sendable, CaseIterable {
    /// It calls itself nothing.
    case none
    /// It calls itself something else.
    case other
    case awsCLI = "aws-cli"
    case botocore
    case cpp = "aws-sdk-cpp"
    case crt = "aws-sdk-crt"
    case curl
    case dotnet = "aws-sdk-dotnet"
    case go = "aws-sdk-go"
    case goV2 = "aws-sdk-go-v2"
    case goHTTP = "go-http-client"
    case java = "aws-sdk-java"
    case javaScript = "aws-sdk-js"
    case kotlin = "aws-sdk-kotlin"
    case minio
    case objectStore = "object_store"
    case php = "aws-sdk-php"
    case python
    case ruby = "aws-sdk-ruby"
    case rust = "aws-sdk-rust"
    case swift = "aws-sdk-swift"

    /// - Parameter userAgent: of a request; empty if there was none.
    init(userAgent: String) {
        guard !userAgent.isEmpty else {
            self = .none
            return
        }
        self = Self.beginnings.first { userAgent.begins(with: $0.text) }?.family ?? .other
    }

    /// In small letters. Of two that fit, the first counts.
    private static let beginnings: [(text: StaticString, family: SDKFamily)] = [
        ("aws-cli/", .awsCLI), ("boto3/", .botocore), ("botocore/", .botocore), ("aiobotocore/", .botocore),
        ("aws-sdk-go-v2/", .goV2), ("aws-sdk-go/", .go), ("aws-sdk-java/", .java), ("aws-sdk-rust/", .rust),
        ("aws-sdk-js/", .javaScript), ("aws-sdk-nodejs/", .javaScript), ("aws-sdk-cpp/", .cpp), ("aws-sdk-crt/", .crt),
        ("aws-sdk-dotnet", .dotnet), ("aws-sdk-net", .dotnet), ("aws-sdk-php/", .php), ("aws-sdk-ruby", .ruby),
        ("aws-sdk-kotlin/", .kotlin), ("aws-sdk-swift/", .swift), ("minio ", .minio), ("minio-", .minio),
        ("object_store/", .objectStore), ("python-", .python), ("go-http-client/", .goHTTP), ("curl/", .curl),
    ]
}

extension String {
    /// In any case of letters, without a copy.
    fileprivate func begins(with lowercased: StaticString) -> Bool {
        guard utf8.count >= lowercased.utf8CodeUnitCount else { return false }
        return lowercased.withUTF8Buffer { expected in
            zip(utf8, expected).allSatisfy { byte, expected in
                let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                return (isCapital ? byte | 0x20 : byte) == expected
            }
        }
    }
}
