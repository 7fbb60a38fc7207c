/// Why AWS gave nothing, by what the caller can do about it. No case carries a secret; `message` is AWS's own sentence,
/// shortened and with control characters removed, but still an upstream's text: escape it before you show it.
package enum AWSError: Error, Sendable, Equatable {
    /// AWS refused this request for good (4xx): asking again the same way brings the same answer.
    case refused(code: String, status: Int, message: String)
    /// AWS refused the broker's own key (expired, unknown, wrong signature, clock off): mend the broker's configuration.
    case keysRefused(code: String, status: Int, message: String)
    /// The broker has no key of its own at this moment; the text says what is missing.
    case keysUnavailable(String)
    /// Too many requests: ask again later, not before `retryAfter` if AWS named one.
    case throttled(retryAfter: Duration?)
    /// A passing failure: network, time-out, 5xx, or something between us and AWS that answered in its place.
    case unavailable(String)
    /// AWS answered 200 with something that is not what was asked for.
    case invalidAnswer(String)
    /// The endpoint is not a URL that can be called, or the broker's own key is set up wrongly: mend the configuration.
    case misconfigured(String)
}

extension AWSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let code, let status, let message): "AWS refused the request (\(status) \(code)): \(message)"
        case .keysRefused(let code, let status, let message):
            "AWS refused the broker's own key (\(status) \(code)): \(message)"
        case .keysUnavailable(let reason): "the broker has no AWS key: \(reason)"
        case .throttled(let delay):
            delay.map { "AWS asks for fewer requests; try again in \($0)" } ?? "AWS asks for fewer requests"
        case .unavailable(let reason): "AWS is not available: \(reason)"
        case .invalidAnswer(let reason): "AWS gave an answer that cannot be used: \(reason)"
        case .misconfigured(let reason): "the way to AWS is configured wrongly: \(reason)"
        }
    }
}
