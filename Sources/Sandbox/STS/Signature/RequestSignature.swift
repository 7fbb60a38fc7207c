/// What a request says about its own signature: in the `Authorization` header, or in the query of a presigned one.
struct RequestSignature {
    var accessKeyID: String
    /// `yyyyMMdd`
    var scopeDate: String
    var region: String
    var service: String
    var signedHeaders: [String]
    var signature: String
    /// `yyyyMMdd'T'HHmmss'Z'`
    var timestamp: String
    var sessionToken: String?
    /// Seconds; only a presigned request says for how long it is good.
    var presignedLifetime: Int?

    static let algorithm = "AWS4-HMAC-SHA256"

    var scope: String { "\(scopeDate)/\(region)/\(service)/aws4_request" }

    init(_ request: SignedRequest) throws(STSFault) {
        let authorization = request.values(of: "authorization")
        if let header = authorization.first, authorization.count == 1 {
            try self.init(header: header, of: request)
        } else if authorization.isEmpty, request.query.contains("X-Amz-Algorithm=") {
            try self.init(presigned: request)
        } else if authorization.isEmpty {
            throw STSFault(.missingAuthenticationToken, "Request is missing Authentication Token")
        } else {
            throw STSFault(.incompleteSignature, "More than one Authorization header is given.")
        }
    }

    private init(header: String, of request: SignedRequest) throws(STSFault) {
        guard header.hasPrefix(Self.algorithm + " ") else {
            throw STSFault(.incompleteSignature, "Unsupported AWS 'algorithm': use \(Self.algorithm).")
        }
        var parts: [String: String] = [:]
        for part in header.dropFirst(Self.algorithm.count).split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else {
                throw STSFault(.incompleteSignature, "Authorization header holds an invalid key=value pair.")
            }
            let name = String(sides[0].filter { $0 != " " })
            guard parts.updateValue(String(sides[1]), forKey: name) == nil else {
                throw STSFault(.incompleteSignature, "Authorization header repeats '\(name)'.")
            }
        }
        let dates = request.values(of: "x-amz-date")
        guard let date = dates.first, dates.count == 1 else {
            throw STSFault(
                .incompleteSignature,
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        let tokens = request.values(of: "x-amz-security-token")
        guard tokens.count <= 1 else {
            throw STSFault(.incompleteSignature, "More than one X-Amz-Security-Token header is given.")
        }
        try self.init(
            credential: parts["Credential"], signedHeaders: parts["SignedHeaders"], signature: parts["Signature"],
            timestamp: date, sessionToken: tokens.first, presignedLifetime: nil)
    }

    private init(presigned request: SignedRequest) throws(STSFault) {
        let parameters: FormParameters
        let credential: String?
        let token: String?
        let lifetime: String?
        do {
            parameters = try FormParameters(parsing: request.query)
            guard try parameters.required("X-Amz-Algorithm") == Self.algorithm else {
                throw STSFault(.incompleteSignature, "Unsupported X-Amz-Algorithm: use \(Self.algorithm).")
            }
            credential = try parameters.optional("X-Amz-Credential")
            token = try parameters.optional("X-Amz-Security-Token")
            lifetime = try parameters.optional("X-Amz-Expires")
        } catch let fault as STSFault {
            throw fault
        } catch {
            throw STSFault(.incompleteSignature, "The query is malformed: \(error).")
        }
        // One second to seven days (Amazon's documentation of presigned URLs).
        guard let seconds = lifetime.flatMap({ Int($0) }), (1...604_800).contains(seconds) else {
            throw STSFault(.incompleteSignature, "X-Amz-Expires must be a number of seconds from 1 to 604800.")
        }
        try self.init(
            credential: credential, signedHeaders: try? parameters.optional("X-Amz-SignedHeaders"),
            signature: try? parameters.optional("X-Amz-Signature"),
            timestamp: (try? parameters.optional("X-Amz-Date")) ?? "", sessionToken: token,
            presignedLifetime: seconds)
    }

    private init(
        credential: String?, signedHeaders: String?, signature: String?, timestamp: String, sessionToken: String?,
        presignedLifetime: Int?
    ) throws(STSFault) {
        let given = [("Credential", credential), ("Signature", signature), ("SignedHeaders", signedHeaders)]
        let missing = given.filter { $0.1?.isEmpty ?? true }.map { "'\($0.0)'" }
        guard let credential, let signedHeaders, let signature, missing.isEmpty else {
            let names = missing.joined(separator: ", ")
            throw STSFault(.incompleteSignature, "Authorization header requires \(names) parameter.")
        }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard scope.count == 5, scope[4] == "aws4_request" else {
            throw STSFault(
                .incompleteSignature, "Credential must have exactly 5 slash-delimited elements and end in aws4_request."
            )
        }
        (accessKeyID, scopeDate, region, service) = (scope[0], scope[1], scope[2], scope[3])
        self.signedHeaders = signedHeaders.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        self.signature = signature
        self.timestamp = timestamp
        self.sessionToken = sessionToken
        self.presignedLifetime = presignedLifetime
    }
}
