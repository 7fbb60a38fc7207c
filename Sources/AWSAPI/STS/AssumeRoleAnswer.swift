import Credentials
import FoundationEssentials
import HTTPExchange

/// Reads the result of AssumeRole or AssumeRoleWithWebIdentity and refuses anything that is not usable credentials of the very session asked for.
enum AssumeRoleAnswer {
    static func credentials(
        in result: XMLElement, for input: AssumeRoleInput, issuedAt: Date, now: Date
    ) throws(AWSError) -> SessionCredentials {
        try checkSession(result, is: input)
        guard let fields = result.child("Credentials") else { throw .invalidAnswer("it has no Credentials") }
        let expirationText = try fields.text(of: "Expiration")
        guard let exact = AWSTimestamp.date(expirationText) else {
            throw .invalidAnswer("its Expiration \(Excerpt.quoted(expirationText)) is not an instant")
        }
        let expiration = Date(timeIntervalSince1970: exact.timeIntervalSince1970.rounded(.down))
        guard expiration > now else {
            throw .invalidAnswer(
                "its credentials expired at \(AWSTimestamp.text(expiration)); check this machine's clock")
        }
        return SessionCredentials(
            accessKeyID: try key(fields, "AccessKeyId"),
            secretAccessKey: Secret(try key(fields, "SecretAccessKey")),
            sessionToken: Secret(try key(fields, "SessionToken")),
            expiration: expiration,
            issuedAt: issuedAt,
            roleARN: input.roleARN)
    }

    /// The assumed-role ARN has the role's name without its path (IAM User Guide, "IAM identifiers").
    private static func checkSession(_ result: XMLElement, is input: AssumeRoleInput) throws(AWSError) {
        let role = input.roleARN
        let wanted =
            "arn:\(role.partition):sts::\(role.accountID):assumed-role/\(role.name)/\(input.roleSessionName)"
        guard let user = result.child("AssumedRoleUser") else { throw .invalidAnswer("it has no AssumedRoleUser") }
        let arn = try user.text(of: "Arn")
        guard arn.utf8.elementsEqual(wanted.utf8) else {
            throw .invalidAnswer("it is for \(Excerpt.line(arn)), not for \(wanted)")
        }
        if let identity = result.child("SourceIdentity")?.trimmedText, let asked = input.sourceIdentity,
            identity != asked
        {
            throw .invalidAnswer("its SourceIdentity is \(Excerpt.quoted(identity)), not the one that was sent")
        }
    }

    /// Keys go into headers and JSON at the SDK's side: printable ASCII without blanks. The text is never quoted.
    private static func key(_ fields: XMLElement, _ name: String) throws(AWSError) -> String {
        let text = try fields.text(of: name)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidAnswer("its \(name) has characters that no key has")
        }
        return text
    }
}

extension XMLElement {
    /// `ACTIONResponse/ACTIONResult`.
    func result(of action: String) throws(AWSError) -> XMLElement {
        guard name == "\(action)Response", let result = child("\(action)Result") else {
            throw .invalidAnswer("it is not an answer to \(action)")
        }
        return result
    }

    /// The text of a child that must be there exactly once and not be empty.
    func text(of field: String) throws(AWSError) -> String {
        guard children.count(where: { $0.name == field }) == 1, let text = child(field)?.trimmedText, !text.isEmpty
        else {
            throw .invalidAnswer("it has no \(field), or more than one")
        }
        return text
    }
}
