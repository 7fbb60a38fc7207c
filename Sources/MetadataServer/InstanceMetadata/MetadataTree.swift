import Credentials
import FoundationEssentials

/// Everything below a version prefix that is the same for every caller: listings, facts, the identity document.
struct MetadataTree: Sendable {
    /// The modification time of all of it.
    let startedAt: Date
    private let texts: [String: String]

    init(_ facts: InstanceFacts, startedAt: Date) {
        self.startedAt = startedAt
        let leaves = [
            "dynamic/instance-identity/document": Self.identityDocument(facts, startedAt: startedAt),
            "meta-data/iam/info": Self.profile(facts, startedAt: startedAt),
            "meta-data/instance-id": facts.instanceID,
            "meta-data/placement/availability-zone": facts.availabilityZone,
            "meta-data/placement/region": facts.region,
        ]
        let all = leaves.merging(facts.staticMetadata) { own, _ in own }
        // What depends on the caller is listed here, but answered elsewhere.
        let paths = all.keys + [Self.credentials + "/"]
        texts = all.merging(Self.listings(of: paths)) { leaf, _ in leaf }
    }

    /// What the daemon answers by itself, whatever the configuration has.
    static let ownPaths: Set<String> = [
        "dynamic/instance-identity/document", "meta-data/iam/info", "meta-data/instance-id",
        "meta-data/placement/availability-zone", "meta-data/placement/region",
    ]

    static let credentials = "meta-data/iam/security-credentials"

    /// The text at a path without version prefix and trailing slash; directories answer with their listing.
    func text(at path: Substring) -> String? {
        texts[String(path)]
    }

    /// The versions at `/`: those of the real service that clients are known to ask for. Any date is answered.
    static let versions = ["1.0", "2009-04-04", "2018-09-24", "2021-01-03", "latest"].joined(separator: "\n")

    /// A listing for each directory in `paths`: sorted, one name a line, directories with a slash behind.
    private static func listings(of paths: [String]) -> [String: String] {
        var names: [String: Set<String>] = [:]
        for path in paths {
            let segments = path.split(separator: "/")
            for depth in segments.indices {
                let isDirectory = depth < segments.count - 1 || path.hasSuffix("/")
                names[segments[..<depth].joined(separator: "/"), default: []].insert(
                    segments[depth] + (isDirectory ? "/" : ""))
            }
        }
        return names.mapValues { $0.sorted().joined(separator: "\n") }
    }

    /// The keys and their order are the real service's; what this machine cannot know is null.
    private static func identityDocument(_ facts: InstanceFacts, startedAt: Date) -> String {
        var document = JSONObjectText()
        document.add("accountId", facts.accountID)
        document.add("architecture", "x86_64")
        document.add("availabilityZone", facts.availabilityZone)
        document.add("billingProducts", nil as String?)
        document.add("devpayProductCodes", nil as String?)
        document.add("marketplaceProductCodes", nil as String?)
        document.add("imageId", nil as String?)
        document.add("instanceId", facts.instanceID)
        document.add("instanceType", nil as String?)
        document.add("kernelId", nil as String?)
        document.add("pendingTime", AWSTimestamp.text(startedAt))
        document.add("privateIp", nil as String?)
        document.add("ramdiskId", nil as String?)
        document.add("region", facts.region)
        document.add("version", "2017-09-30")
        return document.text()
    }

    /// `iam/info`. There is no instance profile; the id is of the right form, but no real one says so.
    private static func profile(_ facts: InstanceFacts, startedAt: Date) -> String {
        var profile = JSONObjectText()
        profile.add("Code", "Success")
        profile.add("LastUpdated", AWSTimestamp.text(startedAt))
        profile.add("InstanceProfileArn", "arn:\(facts.partition):iam::\(facts.accountID):instance-profile/stsbroker")
        profile.add("InstanceProfileId", "AIPASTSBROKER00000000")
        return profile.text()
    }
}
