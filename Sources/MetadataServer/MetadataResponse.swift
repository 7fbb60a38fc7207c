package import CredentialCache
package import Credentials
package import FoundationEssentials
package import NIOHTTP1

/// An answer as a value; `MetadataResponse+Wire.swift` turns it into bytes.
package struct MetadataResponse: Sendable {
    package enum Body: Sendable {
        case text(String)
        /// Served with `Cache-Control: no-store`.
        case secret(Secret)
    }

    package enum ContentType: Sendable, Equatable {
        case plain
        case json
    }

    /// What is worth a line in the log.
    package enum Note: Sendable, Equatable {
        /// This is how one learns what an SDK wanted.
        case pathNotFound
        /// The caller is nobody, or nobody that a rule names. The text is constant.
        case callerRefused(String)
    }

    package var status: HTTPResponseStatus
    package var body: Body
    package var contentType: ContentType
    /// Whether to look like the real metadata service: `Server: EC2ws`, `Accept-Ranges: none`.
    package var imitatesInstance = false
    package var lastModified: Date?
    /// Seconds: what is left of the session token.
    package var tokenLifetime: Int?
    package var allow: String?
    /// Seconds.
    package var retryAfter: Int?
    /// The request's end is unknown, so nothing can follow it.
    package var endsConnection = false
    package var note: Note?
    package var outcome = RequestOutcome.told

    init(status: HTTPResponseStatus, body: Body, contentType: ContentType) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }
}

/// What the pure core wants done with a request.
package enum Answer: Sendable {
    case respond(MetadataResponse)
    /// Nothing can be said before the next attempt for this key has ended. Ask again then, or when the time for waiting
    /// is over, with `isFinal`.
    case awaitCredentials(CredentialKey)
}
