/// What the pretended instance tells about itself. The defaults are such that no real instance has them, so that nothing
/// mistakes this machine for one of AWS's.
package struct InstanceFacts: Sendable, Equatable {
    package var region: String
    package var availabilityZone: String
    /// Real ones are `i-` and 17 hexadecimal digits.
    package var instanceID: String
    /// Real ones are not all zeros.
    package var accountID: String
    /// More texts by their path below the version, such as `user-data`. What ``StaticMetadata`` finds fault with must not be
    /// in it.
    package var staticMetadata: [String: String] = [:]

    /// `availabilityZone` is the region's first, unless given.
    package init(
        region: String = "us-east-1", availabilityZone: String? = nil, instanceID: String = "i-stsbroker0000000",
        accountID: String = "000000000000"
    ) {
        self.region = region
        self.availabilityZone = availabilityZone ?? region + "a"
        self.instanceID = instanceID
        self.accountID = accountID
    }

    /// The partition that the region's name implies.
    var partition: String {
        if region.hasPrefix("cn-") { "aws-cn" } else if region.hasPrefix("us-gov-") { "aws-us-gov" } else { "aws" }
    }
}
