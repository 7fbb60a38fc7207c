import Credentials
import HTTPExchange

/// What an HTTP answer of a query-protocol service means.
enum QueryAnswer {
    /// The parts of the HTTP response that count.
    struct Exchange: Sendable {
        let status: Int
        let retryAfter: String?
        let requestID: String?
        let body: [UInt8]
    }

    /// The document of a 200; every other status is an error.
    static func document(in exchange: Exchange) throws(AWSError) -> XMLElement {
        switch exchange.status {
        case 200:
            do throws(XMLFault) {
                return try XMLElement.parse(exchange.body)
            } catch {
                throw .invalidAnswer("it is not the XML that AWS sends: \(error)")
            }
        case 400..<500:
            throw refusal(exchange)
        default:
            if let fault = fault(in: exchange.body), throttlingCodes.contains(fault.code) {
                throw .throttled(retryAfter: retryAfter(exchange))
            }
            throw .unavailable("it answered with status \(exchange.status)")
        }
    }

    /// A 4xx counts as AWS's own word only if it has its error document; otherwise something in between answered.
    private static func refusal(_ exchange: Exchange) -> AWSError {
        guard let fault = fault(in: exchange.body) else {
            return exchange.status == 429
                ? .throttled(retryAfter: retryAfter(exchange))
                : .unavailable("something that is not AWS answered with status \(exchange.status)")
        }
        if exchange.status == 429 || throttlingCodes.contains(fault.code) {
            return .throttled(retryAfter: retryAfter(exchange))
        }
        if passingCodes.contains(fault.code) {
            return .unavailable("it answered \(fault.code)")
        }
        if keyCodes.contains(fault.code) {
            return .keysRefused(code: fault.code, status: exchange.status, message: fault.message)
        }
        return .refused(code: fault.code, status: exchange.status, message: fault.message)
    }

    private static func fault(in body: [UInt8]) -> (code: String, message: String)? {
        guard let document = try? XMLElement.parse(body), let error = document.descendant("Error"),
            let code = error.child("Code")?.trimmedText, !code.isEmpty,
            code.utf8.count <= 128, code.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return (code, Excerpt.line(error.child("Message")?.trimmedText ?? "no message", limit: 512))
    }

    /// Whole seconds, at most an hour (RFC 9110 section 10.2.3; the form with a date is not used by AWS).
    private static func retryAfter(_ exchange: Exchange) -> Duration? {
        exchange.retryAfter.flatMap { Int($0) }.flatMap { (0...3_600).contains($0) ? .seconds($0) : nil }
    }

    /// botocore's list of throttling codes (`botocore.retries.standard`).
    private static let throttlingCodes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException",
    ]

    /// `IDPCommunicationError`: STS could not fetch an OpenID provider's keys, which is often over soon.
    private static let passingCodes: Set<String> = [
        "IDPCommunicationError", "InternalFailure", "RequestTimeout", "RequestTimeoutException",
    ]

    /// STS API reference, "Common Error Types": these speak of who signs, not of what is asked.
    private static let keyCodes: Set<String> = [
        "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "OptInRequired", "RequestExpired", "RequestTimeTooSkewed",
        "SignatureDoesNotMatch", "UnrecognizedClientException",
    ]
}
