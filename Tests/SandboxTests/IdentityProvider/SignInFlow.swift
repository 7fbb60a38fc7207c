import Foundation
import Sandbox

/// Walks through the code flow as a browser and a command line would.
struct SignInFlow: Sendable {
    var issuer: String
    var verifier = "verifier-of-at-least-forty-three-characters-0123456789"
    var redirectURI = "http://127.0.0.1:49999/callback"
    var state = "state with & and = and é"

    func request(_ changes: [(String, String?)] = []) -> [(String, String)] {
        var fields = [
            ("response_type", "code"), ("client_id", "stsbroker"), ("redirect_uri", redirectURI),
            ("scope", "openid email"), ("state", state), ("nonce", "nonce-1"),
            ("code_challenge", CodeVerifier.challenge(of: verifier)), ("code_challenge_method", "S256"),
        ]
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        return fields
    }

    func pick(_ user: String, _ changes: [(String, String?)] = []) async throws -> Browser.Answer {
        try await Browser.post(issuer + "/authorize", form: request(changes) + [("user", user)])
    }

    func code(_ user: String = "developer") async throws -> String {
        try await pick(user).redirected["code"] ?? ""
    }

    func exchange(_ code: String, _ changes: [(String, String?)] = []) async throws -> Browser.Answer {
        var fields = [
            ("grant_type", "authorization_code"), ("client_id", "stsbroker"), ("code", code),
            ("redirect_uri", redirectURI), ("code_verifier", verifier),
        ]
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value { fields.append((name, value)) }
        }
        return try await Browser.post(issuer + "/token", form: fields)
    }

    func refresh(_ token: String) async throws -> Browser.Answer {
        try await Browser.post(
            issuer + "/token",
            form: [("grant_type", "refresh_token"), ("client_id", "stsbroker"), ("refresh_token", token)])
    }
}
