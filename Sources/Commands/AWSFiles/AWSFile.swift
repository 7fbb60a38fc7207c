import ArgumentParser
import FoundationEssentials

/// The two files in which AWS's tools keep profiles.
enum AWSFile: CaseIterable {
    case credentials, config

    /// As SDKs find it: the variable, else in the home folder.
    func path(in environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let (variable, name) =
            switch self {
            case .credentials: ("AWS_SHARED_CREDENTIALS_FILE", "credentials")
            case .config: ("AWS_CONFIG_FILE", "config")
            }
        if let path = environment[variable], !path.isEmpty { return path }
        return "\(environment["HOME"] ?? "")/.aws/\(name)"
    }

    /// `nil` if it isn't there, or can't be read.
    func contents() -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path()))).map { Array($0) }
    }

    /// What stands between the brackets for that profile.
    func header(of profile: String) -> String {
        self == .credentials || profile == "default" ? profile : "profile \(profile)"
    }

    /// The other way round.
    func name(in header: String) -> String {
        let mark = "profile "
        return self == .config && header.hasPrefix(mark) ? String(header.dropFirst(mark.count)) : header
    }
}

/// A name that every SDK reads the same in both files, and no shell sees.
struct ProfileName: ExpressibleByArgument, Equatable {
    let text: String

    /// Printable ASCII without blanks, brackets, quotes and the backslash, which SDKs' parsers disagree about.
    init?(argument: String) {
        guard (1...128).contains(argument.utf8.count),
            argument.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Array(#"[]'"\"#.utf8).contains($0) })
        else { return nil }
        text = argument
    }
}
