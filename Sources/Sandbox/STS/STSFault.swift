import HTTPTypes
package import Hummingbird

/// An error answer of AWS STS: the code that SDKs decide by, the status and AWS's way of saying it.
package struct STSFault: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case accessDenied = "AccessDenied"
        case expiredToken = "ExpiredToken"
        case expiredTokenException = "ExpiredTokenException"
        case identityProviderUnreachable = "IDPCommunicationError"
        case incompleteSignature = "IncompleteSignature"
        case invalidAction = "InvalidAction"
        case invalidClientTokenID = "InvalidClientTokenId"
        case invalidIdentityToken = "InvalidIdentityToken"
        case malformedInput = "MalformedInput"
        case malformedPolicyDocument = "MalformedPolicyDocument"
        case missingAuthenticationToken = "MissingAuthenticationToken"
        case packedPolicyTooLarge = "PackedPolicyTooLarge"
        case requestExpired = "RequestExpired"
        case signatureDoesNotMatch = "SignatureDoesNotMatch"
        case unknownOperation = "UnknownOperationException"
        case validationError = "ValidationError"
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// The HTTP status that AWS documents for each code ("Common errors" and the errors of each STS action).
    package var status: HTTPResponse.Status {
        switch code {
        case .accessDenied, .expiredToken, .invalidClientTokenID, .missingAuthenticationToken, .signatureDoesNotMatch:
            .forbidden
        case .unknownOperation: .notFound
        case .expiredTokenException, .identityProviderUnreachable, .incompleteSignature, .invalidAction,
            .invalidIdentityToken, .malformedInput,
            .malformedPolicyDocument, .packedPolicyTooLarge, .requestExpired, .validationError:
            .badRequest
        }
    }
}
