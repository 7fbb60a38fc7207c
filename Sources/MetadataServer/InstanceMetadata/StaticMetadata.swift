/// Metadata beside what the daemon knows itself, from the configuration: user data, tags, whatever a tool asks for.
package enum StaticMetadata {
    /// What EC2 allows for user data (EC2 User Guide, "Run commands when you launch an EC2 instance").
    static let longestText = 16_384
    static let most = 256

    /// The first path that can't be served, in the order of the paths, and why.
    package static func problem(in tree: [String: String]) -> (path: String, what: String)? {
        let leaves = MetadataTree.ownPaths.union(tree.keys)
        for (path, text) in tree.sorted(by: { $0.key < $1.key }) {
            if let what = problem(with: path, text, among: leaves) { return (path, what) }
        }
        return tree.count > most ? ("", "has over \(most) paths") : nil
    }

    private static func problem(with path: String, _ text: String, among leaves: Set<String>) -> String? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let isClean = segments.allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"%?#".utf8.contains($0) }
        }
        guard isClean, path.utf8.count <= 512 else {
            return "must be a path such as meta-data/tags/instance/Name, without a slash at either end"
        }
        guard segments.first != "api", !MetadataTree.ownPaths.contains(path), !path.hasPrefix(MetadataTree.credentials)
        else { return "is served by the daemon itself" }
        guard !leaves.contains(where: { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }) else {
            return "can't be a directory and a text at once"
        }
        guard (1...longestText).contains(text.utf8.count) else { return "must have 1 to \(longestText) bytes of text" }
        return nil
    }
}
