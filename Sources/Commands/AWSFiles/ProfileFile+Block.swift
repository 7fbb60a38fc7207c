/// The part of a config file that is ours, between two comments.
extension ProfileFile {
    static let blockBegin = "# >>> stsbroker: written by stsbroker setup aws-config >>>"
    static let blockEnd = "# <<< stsbroker <<<"

    /// Makes `texts` all that stands between the two comments; they come to the end of a file that has none. Without `texts` they go.
    mutating func setBlock(_ texts: [String]) throws(ProfileFileFault) {
        let begins = lines.indices.filter { isMark(Self.blockBegin, at: $0) }
        let ends = lines.indices.filter { isMark(Self.blockEnd, at: $0) }
        let block = texts.isEmpty ? [] : [Self.blockBegin] + texts + [Self.blockEnd]
        if begins.isEmpty, ends.isEmpty {
            guard !block.isEmpty else { return }
            if let last = lines.last, !last.bytes.allSatisfy(Self.isBlank) { append("") }
            for text in block { append(text) }
            self = ProfileFile(bytes)
            return
        }
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw ProfileFileFault("has not one beginning and one end of the lines of stsbroker; mend that first")
        }
        replace(begins[0]..<ends[0] + 1, with: block)
    }

    /// What stands between the two comments.
    var block: [String] {
        guard let begin = lines.indices.first(where: { isMark(Self.blockBegin, at: $0) }),
            let end = lines.indices.last(where: { isMark(Self.blockEnd, at: $0) }), begin < end
        else { return [] }
        return lines[(begin + 1)..<end].map { Self.trimmed(String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// The sections that stand outside of the block.
    var foreignHeaders: [String] {
        var copy = self
        guard (try? copy.setBlock([])) != nil else { return headers }
        return copy.headers
    }

    private func isMark(_ mark: String, at index: Int) -> Bool {
        Self.trimmed(String(decoding: lines[index].bytes, as: UTF8.self)) == mark
    }

    /// Whether the default profile has what SDKs take before they ask an endpoint.
    func outranks(_ file: AWSFile) -> Bool {
        let keys: Set = [
            "aws_access_key_id", "credential_process", "role_arn", "sso_session", "sso_account_id",
            "web_identity_token_file",
            "login_session",
        ]
        return ["default", "profile default"].contains { header in
            values(in: header).map { !keys.isDisjoint(with: $0.keys) } ?? false
        }
    }
}
