/// Hosts that plain `http` may go to, because what is sent stays on this machine.
package enum LoopbackHost {
    /// Whether `host`, as it stands in a URL or an address, can only mean this machine: `localhost`, `::1` with or without
    /// brackets, or four octets of which the first is 127 (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3).
    package static func contains(_ host: some StringProtocol) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }
}
