import Credentials
import FoundationEssentials

/// A key in the profile files that AWS's tools share: `AWS_PROFILE` in `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`, or in
/// `credentials` and `config` of `~/.aws`. They are read anew each time.
///
/// Static keys only. A profile that would run a program or sign in somewhere is refused by name, never passed over: whatever
/// comes after it could be somebody else.
package struct ProfileKeySource: AWSKeySource {
    package let name = "profile"
    private static let longestFile = 1024 * 1024

    private let environment: [String: String]
    private let profile: String
    /// Whether somebody has named the profile, so that it must be there.
    private let isNamed: Bool

    package init(_ environment: [String: String]) {
        self.environment = environment
        let named = environment["AWS_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        profile = named ?? "default"
        isNamed = named != nil
    }

    package func key() async throws(AWSError) -> OwnKey? {
        let config = try settings("AWS_CONFIG_FILE", orHomeFile: "config", kind: .config)
        let credentials = try settings("AWS_SHARED_CREDENTIALS_FILE", orHomeFile: "credentials", kind: .credentials)
        guard config != nil || credentials != nil else {
            guard isNamed else { return nil }
            throw .misconfigured("there is no AWS profile \"\(profile)\", which AWS_PROFILE names")
        }
        // What both files have counts as the credentials file says (same guide).
        let settings = (config ?? [:]).merging(credentials ?? [:]) { _, second in second }
        return try key(in: settings)
    }

    private func key(in settings: [String: String]) throws(AWSError) -> OwnKey? {
        let hasKey = settings["aws_access_key_id"] != nil || settings["aws_secret_access_key"] != nil
        // In the order in which AWS's SDKs would obey them.
        let before = ["role_arn", "source_profile", "credential_source", "web_identity_token_file", "sso_session"]
        if let refused = (before + (hasKey ? [] : ["sso_start_url", "credential_process"]))
            .first(where: { settings[$0] != nil })
        {
            throw .misconfigured(
                "the AWS profile \"\(profile)\" has \(refused), which the broker does not follow; give it static keys, "
                    + "or choose another source in aws.credentials")
        }
        guard hasKey else {
            guard isNamed else { return nil }
            throw .misconfigured("the AWS profile \"\(profile)\" has no aws_access_key_id")
        }
        let token = settings["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 }
        return OwnKey(
            AWSAccessKey(
                accessKeyID: try value("aws_access_key_id", in: settings),
                secretAccessKey: Secret(try value("aws_secret_access_key", in: settings)),
                sessionToken: token == nil ? nil : Secret(try value("aws_session_token", in: settings))))
    }

    private func value(_ name: String, in settings: [String: String]) throws(AWSError) -> String {
        guard let value = settings[name], AWSAccessKey.isKeyText(value) else {
            throw .misconfigured("the AWS profile \"\(profile)\" has no usable \(name)")
        }
        return value
    }

    /// The profile's settings; `nil` if the file isn't there, or has no such profile.
    private func settings(
        _ variable: String, orHomeFile name: String, kind: ProfileFile.Kind
    ) throws(AWSError) -> [String: String]? {
        let named = environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? environment["HOME"].map({ "\($0)/.aws/\(name)" }),
            FileManager.default.fileExists(atPath: path)
        else { return nil }
        guard let data = BoundedFile.contents(path, longest: Self.longestFile),
            let text = String(validating: data, as: UTF8.self)
        else { throw .misconfigured("the AWS profile file \(path) can't be read as text of at most 1 MiB") }
        do throws(ProfileFileFault) {
            return try ProfileFile(text, kind: kind).profiles[profile]
        } catch {
            throw .misconfigured(
                "the AWS profile file \(path) has neither a section nor a setting in line \(error.line)")
        }
    }
}
