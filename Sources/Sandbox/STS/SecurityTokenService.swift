package import FoundationEssentials
import HTTPTypes
package import Hummingbird
import NIOCore

/// The strict STS: AWS's query protocol over HTTP, version 2011-06-15, with three actions.
package struct SecurityTokenService: HTTPResponder {
    package typealias Context = BasicRequestContext

    /// A form may hold a token of 20,000 characters, ten ARNs, a policy and fifty tags, all percent-encoded.
    private static let bodyLimit = 262_144

    let account: SampleAccount
    let keys: AccessKeys
    let verifier: SignatureVerifier
    let webIdentity: WebIdentityToken
    let assumption: RoleAssumption
    let federation: SignInFederation
    let now: @Sendable () -> Date

    /// - Parameter broker: the issuer of the broker's tokens, if the account trusts them.
    package init(
        account: SampleAccount, keys: AccessKeys, providerKeys: SigningKeys, issuer: String,
        broker: String? = nil, lifetimeLimit: Duration? = nil, now: @escaping @Sendable () -> Date
    ) {
        self.account = account
        self.keys = keys
        self.verifier = SignatureVerifier(keys: keys, region: account.region)
        self.webIdentity = WebIdentityToken(
            keys: providerKeys, issuer: issuer, broker: broker.map { BrokerProvider(issuer: $0) })
        self.assumption = RoleAssumption(account: account, lifetimeLimit: lifetimeLimit)
        self.federation = SignInFederation(keys: keys, now: now)
        self.now = now
    }

    package func respond(to request: Request, context: Context) async throws -> Response {
        let requestID = UUID().uuidString.lowercased()
        do {
            let buffer = try await request.body.collect(upTo: Self.bodyLimit)
            if request.uri.path == "/federation" {
                return try await federation.respond(
                    method: request.method, query: request.uri.query ?? "", body: String(buffer: buffer))
            }
            let signed = SignedRequest(request, body: Array(buffer.readableBytesView))
            return xml(try await answer(to: signed), requestID: requestID)
        } catch let fault as STSFault {
            return xml(fault, requestID: requestID)
        } catch is NIOTooManyBytesError {
            return xml(STSFault(.malformedInput, "The request is too large."), requestID: requestID)
        }
    }

    /// The result element of the call.
    package struct Answer: Sendable {
        var action: String
        var result: [XMLElement]
    }

    package func answer(to request: SignedRequest) async throws(STSFault) -> Answer {
        let parameters = try Self.parameters(of: request)
        let action = parameters["Action"]
        // The one action that nobody signs.
        if action == "AssumeRoleWithWebIdentity" {
            try Self.checkVersion(parameters, action: "AssumeRoleWithWebIdentity")
            return try await assumeRoleWithWebIdentity(parameters)
        }
        let key = try await verifier.signer(of: request, now: now())
        guard let action else { throw STSFault(.invalidAction, "Missing Action") }
        try Self.checkVersion(parameters, action: action)
        switch action {
        case "AssumeRole": return try await assumeRole(parameters, caller: key.holder)
        case "GetCallerIdentity": return callerIdentity(key.holder)
        default:
            throw STSFault(.invalidAction, "Could not find operation \(action.prefix(64)) for version 2011-06-15")
        }
    }

    private static func parameters(of request: SignedRequest) throws(STSFault) -> QueryParameters {
        guard request.path == "/" || request.path.isEmpty else {
            throw STSFault(.unknownOperation, "There is nothing at this path.")
        }
        let source: String
        switch request.method {
        case "GET": source = request.query
        case "POST":
            let type = request.values(of: "content-type").first ?? ""
            guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
                throw STSFault(.unknownOperation, "Send application/x-www-form-urlencoded.")
            }
            guard let body = String(validating: request.body, as: UTF8.self) else {
                throw STSFault(.malformedInput, "The body is not UTF-8.")
            }
            source = body
        default: throw STSFault(.unknownOperation, "Only GET and POST are served.")
        }
        do {
            return try QueryParameters(FormParameters(parsing: source))
        } catch let fault as STSFault {
            throw fault
        } catch {
            throw STSFault(.malformedInput, "The parameters are malformed: \(error)")
        }
    }

    private static func checkVersion(_ parameters: QueryParameters, action: String) throws(STSFault) {
        let version = parameters["Version"] ?? "NO_VERSION_SPECIFIED"
        guard version == "2011-06-15" else {
            throw STSFault(
                .invalidAction, "Could not find operation \(action.prefix(64)) for version \(version.prefix(32))")
        }
    }

    private func xml(_ answer: Answer, requestID: String) -> Response {
        let document = XMLElement(
            "\(answer.action)Response",
            [
                XMLElement("\(answer.action)Result", answer.result),
                XMLElement("ResponseMetadata", [XMLElement("RequestId", requestID)]),
            ])
        return .text(document.document, type: "text/xml", headers: Self.headers(requestID))
    }

    private func xml(_ fault: STSFault, requestID: String) -> Response {
        let document = XMLElement(
            "ErrorResponse",
            [
                XMLElement(
                    "Error",
                    [
                        XMLElement("Type", "Sender"), XMLElement("Code", fault.code.rawValue),
                        XMLElement("Message", fault.message),
                    ]),
                XMLElement("RequestId", requestID),
            ])
        return .text(
            document.document, type: "text/xml", status: fault.status, headers: Self.headers(requestID))
    }

    private static func headers(_ requestID: String) -> HTTPFields {
        guard let name = HTTPField.Name("x-amzn-RequestId") else { return [:] }
        return [name: requestID]
    }
}
