/// What a request target means to the container credentials endpoint.
enum ContainerPath: Equatable {
    /// `/`, and `/v1/credentials` as EKS Pod Identity has it.
    case defaultRole
    /// `/role/{name}`
    case role(Substring)
    /// `/role-arn/{arn}`; an ARN may have an IAM path, hence slashes.
    case roleARN(Substring)

    /// `nil` if there can be nothing at the target. A query means nothing; slashes at either end are forgiven.
    init?(_ target: String) {
        guard let path = PercentEncoding.decoded(target.prefix { $0 != "?" && $0 != "#" }) else { return nil }
        var trimmed = path.drop { $0 == "/" }
        if trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        if trimmed.isEmpty || trimmed == "v1/credentials" {
            self = .defaultRole
        } else if trimmed.hasPrefix("role/") {
            self = .role(trimmed.dropFirst(5))
        } else if trimmed.hasPrefix("role-arn/") {
            self = .roleARN(trimmed.dropFirst(9))
        } else {
            return nil
        }
    }
}
