import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The sandbox's stand-in for the console's sign-in: it makes sign-in tokens of credentials that its STS has issued, as strictly
/// as AWS does, and says who a token signs in.
struct SignInFederation: Sendable {
    /// IAM User Guide, "Enable custom identity broker access to the AWS console".
    private static let tokenLifetime: TimeInterval = 15 * 60
    private static let sessionSeconds = 900...43_200

    private let keys: AccessKeys
    private let tokens: SignInTokens
    private let now: @Sendable () -> Date

    init(keys: AccessKeys, now: @escaping @Sendable () -> Date) {
        self.keys = keys
        self.now = now
        tokens = SignInTokens()
    }

    func respond(method: HTTPRequest.Method, query: String, body: String) async throws -> Response {
        guard let form = try? FormParameters(parsing: method == .post ? body : query) else {
            return .text("malformed", type: "text/plain", status: .badRequest)
        }
        switch (method, form.first("Action")) {
        case (.get, "getSigninToken"), (.post, "getSigninToken"): return try await token(form)
        case (.get, "login"): return await login(form)
        default: return .text("Send Action=getSigninToken or Action=login.", type: "text/plain", status: .badRequest)
        }
    }

    private func token(_ form: FormParameters) async throws -> Response {
        guard let text = form.first("Session"),
            let session = try? JSONDecoder().decode(Session.self, from: Data(text.utf8)),
            let key = await keys.key(session.sessionId), key.secret == session.sessionKey,
            key.sessionToken == session.sessionToken, case .session(let role) = key.holder, role.expiration > now()
        else { return .text("The session is not valid.", type: "text/plain", status: .badRequest) }
        if let duration = form.first("SessionDuration") {
            guard let seconds = Int(duration), Self.sessionSeconds.contains(seconds) else {
                return .text("SessionDuration must be 900 to 43200.", type: "text/plain", status: .badRequest)
            }
            guard !role.assumedBy.contains(":assumed-role/") else {
                return .text("SessionDuration is not for chained roles.", type: "text/plain", status: .badRequest)
            }
        }
        let token = await tokens.add(arn: role.arn, until: now().addingTimeInterval(Self.tokenLifetime))
        return try .json(["SigninToken": token])
    }

    private func login(_ form: FormParameters) async -> Response {
        guard let token = form.first("SigninToken"), let arn = await tokens.arn(of: token, at: now()),
            let destination = form.first("Destination")
        else { return .text("The sign-in token is not valid.", type: "text/plain", status: .badRequest) }
        guard let issuer = form.first("Issuer") else {
            return .text("\(arn) at \(destination)\n", type: "text/plain")
        }
        guard let url = URLComponents(string: issuer), ["https", "http"].contains(url.scheme), url.host != nil else {
            return .text("Issuer must be the address of a page.", type: "text/plain", status: .badRequest)
        }
        return .text("\(arn) at \(destination), sent by \(issuer)\n", type: "text/plain")
    }

    private struct Session: Decodable {
        let sessionId: String
        let sessionKey: String
        let sessionToken: String
    }
}

/// The sign-in tokens that are good for now.
private actor SignInTokens {
    private var sessions: [String: (arn: String, until: Date)] = [:]

    func add(arn: String, until: Date) -> String {
        let token = RandomText.base64(bytes: 96)
        sessions[token] = (arn, until)
        return token
    }

    func arn(of token: String, at instant: Date) -> String? {
        sessions[token].flatMap { instant < $0.until ? $0.arn : nil }
    }
}

extension FormParameters {
    fileprivate func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}
