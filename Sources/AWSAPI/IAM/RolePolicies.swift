package import Credentials
package import FoundationEssentials
package import HTTPExchange
package import Logging

/// The inline policies of IAM roles (query protocol, version 2010-05-08).
package struct RolePolicies: Sendable {
    /// The characters of all inline policies of one role together, white space not counted (IAM and STS quotas).
    package static let maximumCharacters = 10_240
    /// IAM gives so many names at once if asked.
    private static let pageSize = 1000
    /// More than the names that a role's characters have room for, even if IAM gives one at a time.
    private static let mostPages = 1000
    private static let version = "2010-05-08"

    private let service: QueryClient
    private let accessKey: @Sendable () async throws -> AWSAccessKey

    /// - Parameters:
    ///   - endpoint: a base URL, https or http on loopback; `nil` for that of the partition.
    ///   - accessKey: asked at each call; must be of the role's account.
    package init(
        http: HTTPClient, partition: String, endpoint: String?,
        accessKey: @escaping @Sendable () async throws -> AWSAccessKey, logger: Logger,
        timeout: Duration = .seconds(10), now: @escaping @Sendable () -> Date
    ) {
        let (own, region) = Self.endpoint(ofPartition: partition)
        let url = endpoint ?? own
        service = QueryClient(
            http: http, service: "iam", region: region,
            endpoint: Result { () throws(AWSError) in try AWSEndpoint(url) }, logger: logger, timeout: timeout,
            clock: ContinuousClock(), now: now)
        self.accessKey = accessKey
    }

    /// The names of the role's inline policies. An answer that never ends is `invalidAnswer`.
    package func names(of role: RoleARN) async throws(AWSError) -> [String] {
        var (names, marker): ([String], String?) = ([], nil)
        for _ in 0..<Self.mostPages {
            var parameters = [
                (name: "RoleName", value: role.name), (name: "MaxItems", value: String(Self.pageSize)),
            ]
            if let marker { parameters.append((name: "Marker", value: marker)) }
            let result = try await result(of: "ListRolePolicies", parameters)
            names += result.child("PolicyNames")?.children.map(\.trimmedText) ?? []
            guard result.child("IsTruncated")?.trimmedText == "true" else { return names }
            marker = try result.text(of: "Marker")
        }
        throw .invalidAnswer("the list of the role's policies has no end")
    }

    /// The document of that name; `nil` if there is none.
    package func document(_ name: String, of role: RoleARN) async throws(AWSError) -> String? {
        do throws(AWSError) {
            let result = try await result(
                of: "GetRolePolicy", [(name: "RoleName", value: role.name), (name: "PolicyName", value: name)])
            return PercentEncoding.decoded(try result.text(of: "PolicyDocument"))
        } catch .refused("NoSuchEntity", _, _) {
            return nil
        }
    }

    /// Writes the document, in the place of what has that name.
    package func put(_ document: String, named name: String, to role: RoleARN) async throws(AWSError) {
        let parameters = [
            (name: "RoleName", value: role.name), (name: "PolicyName", value: name),
            (name: "PolicyDocument", value: document),
        ]
        _ = try await answer(to: "PutRolePolicy", parameters)
    }

    /// Removes the document of that name. One that isn't there is no error, nor is a role that is gone.
    package func remove(_ name: String, from role: RoleARN) async throws(AWSError) {
        do throws(AWSError) {
            let parameters = [(name: "RoleName", value: role.name), (name: "PolicyName", value: name)]
            _ = try await answer(to: "DeleteRolePolicy", parameters)
        } catch .refused("NoSuchEntity", _, _) {}
    }

    private func result(
        of action: String, _ parameters: [(name: String, value: String)]
    ) async throws(AWSError) -> XMLElement {
        try await answer(to: action, parameters).result(of: action)
    }

    private func answer(
        to action: String, _ parameters: [(name: String, value: String)]
    ) async throws(AWSError) -> XMLElement {
        let call = QueryCall(action: action, version: Self.version, parameters: parameters)
        return try await service.answer(to: call, signedBy: accessKey)
    }

    /// IAM is one for each partition, and signed for one of its regions (AWS General Reference, "IAM endpoints and quotas").
    private static func endpoint(ofPartition partition: String) -> (url: String, region: String) {
        switch partition {
        case "aws-cn": ("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
        case "aws-us-gov": ("https://iam.us-gov.amazonaws.com", "us-gov-west-1")
        default: ("https://iam.amazonaws.com", "us-east-1")
        }
    }
}
