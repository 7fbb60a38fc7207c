package import Credentials
import HTTPExchange
import NIOCore
import NIOHTTP1

/// Policies and teams, for administrators.
extension BrokerClient {
    /// A page of them.
    /// - Parameter nextToken: the page's before, to go on after it.
    package func administered(
        _ collection: AdministeredCollection, nextToken: String?, idToken: Secret
    ) async throws(BrokerClientError) -> AdministeredList {
        let query = nextToken.map { "?next_token=\($0)" } ?? ""
        return try await call(
            request(.GET, "/v1/admin/\(collection.rawValue)\(query)", idToken: idToken),
            expecting: AdministeredList.self)
    }

    /// What is there now; `nil` if there is none.
    package func administered(
        _ collection: AdministeredCollection, id: String, idToken: Secret
    ) async throws(BrokerClientError) -> AdministeredItem? {
        do throws(BrokerClientError) {
            return try await call(
                request(.GET, collection.path(to: id), idToken: idToken), expecting: AdministeredItem.self)
        } catch {
            if case .refused(let problem) = error, problem.code == collection.missing.rawValue { return nil }
            throw error
        }
    }

    /// Creates it, or changes it if it still has that version.
    /// - Parameters:
    ///   - body: one policy or team of `policies.yaml`, as JSON.
    ///   - version: what is to be there; `nil` for nothing.
    package func write(
        _ collection: AdministeredCollection, id: String, body: [UInt8], instead version: String?, idToken: Secret
    ) async throws(BrokerClientError) -> AdministeredItem {
        var request = request(.PUT, collection.path(to: id), idToken: idToken)
        request.headers.add(name: "Content-Type", value: "application/json")
        if let version {
            request.headers.add(name: "If-Match", value: "\"\(version)\"")
        } else {
            request.headers.add(name: "If-None-Match", value: "*")
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await call(request, expecting: AdministeredItem.self)
    }

    /// Removes it if it still has that version.
    package func remove(
        _ collection: AdministeredCollection, id: String, version: String, idToken: Secret
    ) async throws(BrokerClientError) {
        var request = request(.DELETE, collection.path(to: id), idToken: idToken)
        request.headers.add(name: "If-Match", value: "\"\(version)\"")
        let answer: HTTPAnswer
        do throws(HTTPExchangeFailure) {
            answer = try await exchange.answer(to: request)
        } catch {
            throw .unreachable(error.reason, retryAfter: nil)
        }
        guard answer.status == 204 else { throw BrokerClientError(answer) }
    }
}

/// What administrators govern, as it stands in paths.
package enum AdministeredCollection: String, Sendable {
    case policies, teams

    fileprivate var missing: BrokerErrorCode { self == .policies ? .policyNotFound : .teamNotFound }

    /// Everything but RFC 3986's unreserved characters is escaped.
    func path(to id: String) -> String {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8
        let escaped = id.utf8.map { byte in
            if unreserved.contains(byte) { return String(Unicode.Scalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count < 2 ? "0" : "") + digits
        }
        return "/v1/admin/\(rawValue)/\(escaped.joined())"
    }
}

/// A policy or team as administrators see it, without its content.
package struct AdministeredItem: Codable, Sendable, Equatable {
    package struct Author: Codable, Sendable, Equatable {
        /// The file that was read; absent of a person.
        package var file: String?
        package var user: String?
    }

    package var id: String
    package var version: String?
    package var revision: Int64
    /// RFC 3339.
    package var changedAt: String
    package var changedBy: Author
    package var warnings: [String]?

    enum CodingKeys: String, CodingKey {
        case id, version, revision, warnings
        case changedAt = "changed_at"
        case changedBy = "changed_by"
    }
}

/// A page of policies or of teams.
package struct AdministeredList: Codable, Sendable, Equatable {
    package var policies: [AdministeredItem]?
    package var teams: [AdministeredItem]?
    package var nextToken: String?

    package init(policies: [AdministeredItem]?, teams: [AdministeredItem]?, nextToken: String? = nil) {
        self.policies = policies
        self.teams = teams
        self.nextToken = nextToken
    }

    package var items: [AdministeredItem] { policies ?? teams ?? [] }

    enum CodingKeys: String, CodingKey {
        case policies, teams
        case nextToken = "next_token"
    }
}
