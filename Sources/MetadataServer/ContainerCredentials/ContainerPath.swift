/// What a request target means to the container credentials endpoint.
enum ContainerPath: Equatable {
    /// `/`, and `/v1/credentials` as EKS Pod Identity has it.
    case defaultRole
    /// `/role/{name}`
    case role(Substring)
    /// `/role-arn/{arn}`; an ARN may have an IAM path, hence slashes.
    case roleARN(Substring)

    /// `nil` if there can be nothing at the target. A query means nothing; slashes at either end are forgiven. By bytes, as by
    /// characters this would be a tenth of what a request costs.
    init?(_ target: String) {
        let end = target.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? target.endIndex
        guard let path = PercentEncoding.decoded(target[..<end]) else { return nil }
        var bytes = path.utf8.drop { $0 == UInt8(ascii: "/") }
        if bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
        if bytes.isEmpty || bytes.elementsEqual("v1/credentials".utf8) {
            self = .defaultRole
        } else if bytes.starts(with: "role/".utf8) {
            self = .role(Substring(bytes.dropFirst(5)))
        } else if bytes.starts(with: "role-arn/".utf8) {
            self = .roleARN(Substring(bytes.dropFirst(9)))
        } else {
            return nil
        }
    }
}
