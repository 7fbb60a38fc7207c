import CallerIdentity
import CredentialCache
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import MetadataServer

@Suite("IMDS")
struct InstanceMetadataTests {
    private let fixture = Fixture()
    private let listener = Fixture.listener(.instanceMetadata)
    private static let base = "/latest/meta-data/iam/security-credentials"

    private func get(
        _ target: String, method: HTTPMethod = .GET, user: UInt32 = 1000, now: Date = Fixture.now, isFinal: Bool = false
    ) throws -> Answer {
        let ttl = [("X-aws-ec2-metadata-token-ttl-seconds", "600")]
        let token = try fixture.ask(.PUT, "/latest/api/token", ttl, as: Fixture.caller(user), at: listener, now: now)
            .response().bodyText
        return fixture.ask(
            method, target, [("x-aws-ec2-metadata-token", token)], as: Fixture.caller(user), at: listener, now: now,
            isFinal: isFinal)
    }

    @Test(
        "The role list is the default role's name and nothing else",
        arguments: [
            base, base + "/", "/" + base, "/2009-04-04/meta-data/iam/security-credentials/",
            "/1.0/meta-data/iam/security-credentials",
            "/latest/meta-data/iam/security-credentials-extended",
            "/latest/meta-data/iam/security-credentials-extended/",
            base + "/?x=y",
        ])
    func roleList(target: String) throws {
        let response = try get(target).response()
        #expect(response.status == .ok)
        #expect(response.bodyText == "developer")
    }

    @Test("A caller without default role has an empty-handed list: 404")
    func noDefault() throws {
        #expect(try get(Self.base, user: 1002).response().status == .notFound)
    }

    @Test("Credentials come with the keys in the real service's order")
    func credentials() throws {
        let response = try get(Self.base + "/developer").response()
        #expect(response.status == .ok)
        #expect(response.contentType == .plain)
        #expect(response.tokenLifetime == 600)
        #expect(response.lastModified == Fixture.now - 60)
        #expect(
            response.bodyText == """
                {
                  "Code" : "Success",
                  "LastUpdated" : "2025-12-31T23:59:00Z",
                  "Type" : "AWS-HMAC",
                  "AccessKeyId" : "ASIAIOSFODNN7EXAMPLE",
                  "SecretAccessKey" : "\(Fixture.secret)",
                  "Token" : "\(Fixture.sessionToken)",
                  "Expiration" : "2026-01-01T01:00:00Z"
                }
                """)
        if case .text = response.body { Issue.record("a secret body must be marked as one") }
    }

    @Test("The extended path adds the account")
    func extended() throws {
        let response = try get("/latest/meta-data/iam/security-credentials-extended/developer").response()
        #expect(try response.members()["AccountId"] == "123456789012")
        #expect(try get(Self.base + "/developer").response().members()["AccountId"] == nil)
    }

    @Test(
        "A role name is percent-decoded once",
        arguments: [
            ("/developer", 200), ("/developer/", 200), ("/%64eveloper", 200), ("/develope%72/", 200),
            ("/%2564eveloper", 404),
            ("/%6", 404), ("/%zz", 404), ("/%ff", 404), ("/developer%00", 404),
        ])
    func percentEncoding(suffix: String, status: UInt) throws {
        #expect(try get(Self.base + suffix).response().status.code == status)
    }

    @Test(
        "Any role of the caller is served by its name, and no other",
        arguments: [
            ("auditor", UInt32(1000), UInt(200)), ("admin", 1000, 404), ("auditor", 1001, 404), ("", 1002, 404),
            ("DEVELOPER", 1000, 404),
        ])
    func roles(role: String, user: UInt32, status: UInt) throws {
        fixture.source.set(.usable(Fixture.prepared(role: "auditor", secret: "the auditor's")), for: "auditor")
        fixture.source.set(.usable(Fixture.prepared(secret: "another user's")), for: "developer", user: 1001)
        let response = try get(Self.base + "/" + role, user: user).response()
        #expect(response.status.code == status)
        #expect(response.bodyText.contains("the auditor's") == (status == 200))
        if status == 404 { #expect(!response.bodyText.contains("developer")) }
    }

    @Test("Two users of one address get their own credentials")
    func perUser() throws {
        fixture.source.set(.usable(Fixture.prepared(secret: "another user's")), for: "developer", user: 1001)
        #expect(try get(Self.base + "/developer", user: 1001).response().bodyText.contains("another user's"))
        #expect(try get(Self.base + "/developer", user: 1000).response().bodyText.contains(Fixture.secret))
    }

    @Test(
        "Without a good token there is a 401 on every path",
        arguments: [
            "/", "/latest/", base, base + "/developer", "/latest/meta-data/instance-id", "/nonsense",
            "/latest/dynamic/instance-identity/document",
        ])
    func unauthorized(target: String) throws {
        let other = try fixture.ask(
            .PUT, "/latest/api/token", [("x-aws-ec2-metadata-token-ttl-seconds", "60")], as: Fixture.caller(1001),
            at: listener
        ).response().bodyText
        let name = "X-aws-ec2-metadata-token"
        for headers in [[], [(name, "")], [(name, "x")], [(name, other)], [(name, "x"), (name, "x")]] {
            let response = try fixture.ask(.GET, target, headers, at: listener).response()
            #expect(response.status == .unauthorized)
            #expect(!response.bodyText.isEmpty)
        }
    }

    @Test("An expired token is a 401")
    func expiredToken() throws {
        let ttl = [("X-aws-ec2-metadata-token-ttl-seconds", "5")]
        let token = try fixture.ask(.PUT, "/latest/api/token", ttl, at: listener).response().bodyText
        let later = fixture.ask(
            .GET, Self.base, [("X-aws-ec2-metadata-token", token)], at: listener, now: Fixture.now + 5)
        #expect(try later.response().status == .unauthorized)
    }

    @Test("IMDSv1 is answered only where the listener allows it, and a bad token not even there")
    func version1() throws {
        let lenient = Fixture.listener(.instanceMetadata, allowsIMDSv1: true)
        let response = try fixture.ask(.GET, Self.base, at: lenient).response()
        #expect(response.status == .ok)
        #expect(response.tokenLifetime == nil)
        let bad = [("X-aws-ec2-metadata-token", "x")]
        #expect(try fixture.ask(.GET, Self.base, bad, at: lenient).response().status == .unauthorized)
    }

    @Test(
        "Listings and facts",
        arguments: [
            ("/latest", "dynamic/\nmeta-data/"), ("/latest/", "dynamic/\nmeta-data/"),
            ("/2009-04-04/", "dynamic/\nmeta-data/"),
            ("/latest/meta-data", "iam/\ninstance-id\nplacement/"),
            ("/latest/meta-data/", "iam/\ninstance-id\nplacement/"),
            ("/latest/meta-data/iam", "info\nsecurity-credentials/"),
            ("/latest/meta-data/iam/", "info\nsecurity-credentials/"),
            ("/latest/meta-data/placement/", "availability-zone\nregion"), ("/latest/dynamic/", "instance-identity/"),
            ("/latest/dynamic/instance-identity/", "document"), ("/latest/meta-data/instance-id", "i-stsbroker0000000"),
            ("/latest/meta-data/placement/region", "eu-west-1"), ("//latest/meta-data/placement/region/", "eu-west-1"),
            ("/latest/meta-data/placement/availability-zone/", "eu-west-1a"),
            ("/", "1.0\n2009-04-04\n2018-09-24\n2021-01-03\nlatest"),
        ])
    func tree(target: String, text: String) throws {
        let response = try get(target).response()
        #expect(response.status == .ok)
        #expect(response.bodyText == text)
        #expect(response.lastModified == Fixture.now - 3600)
    }

    @Test(
        "Unknown paths are a 404 with a note for the log and a body",
        arguments: [
            "/latest/user-data", "/latest/meta-data/nothing", "/2009-04-4/meta-data/", "/api/token",
            "/latest/meta-data//", "/latestx/",
            "/latest/meta-data/iam/security-credentialsX", "/latest/meta-data/iam/security-credentials/developer/x",
            "/%",
        ])
    func notFound(target: String) throws {
        let response = try get(target).response()
        #expect(response.status == .notFound)
        #expect(response.note == .pathNotFound)
        #expect(!response.bodyText.isEmpty)
    }

    @Test("The identity document has the real one's keys in order")
    func identityDocument() throws {
        let text = try get("/latest/dynamic/instance-identity/document").response().bodyText
        let keys = text.split(separator: "\n").compactMap {
            $0.split(separator: "\"").dropFirst().first.map(String.init)
        }
        #expect(
            keys == [
                "accountId", "architecture", "availabilityZone", "billingProducts", "devpayProductCodes",
                "marketplaceProductCodes", "imageId", "instanceId", "instanceType", "kernelId", "pendingTime",
                "privateIp",
                "ramdiskId", "region", "version",
            ])
        let members = try JSONDecoder().decode([String: String?].self, from: Data(text.utf8))
        #expect(members["region"] == "eu-west-1")
        #expect(members["imageId"] == .some(nil))
        #expect(members["pendingTime"] == "2025-12-31T23:00:00Z")
    }

    @Test("iam/info names a profile")
    func info() throws {
        let members = try get("/latest/meta-data/iam/info").response().members()
        #expect(members["Code"] == "Success")
        #expect(members["InstanceProfileArn"] == "arn:aws:iam::123456789012:instance-profile/stsbroker")
        #expect(Set(members.keys) == ["Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"])
    }

    @Test(
        "Other methods are a 405 that allows GET and HEAD",
        arguments: [HTTPMethod.PUT, .POST, .DELETE, .PATCH, .OPTIONS])
    func otherMethods(method: HTTPMethod) throws {
        let response = try get(Self.base + "/developer", method: method).response()
        #expect(response.status == .methodNotAllowed)
        #expect(response.allow == "GET, HEAD")
        #expect(!response.bodyText.contains(Fixture.secret))
    }

    @Test(
        "Near their end credentials are not served, whatever the cache says",
        arguments: [
            (15.0, true), (14.9, false), (0, false), (-3600, false),
        ])
    func nearExpiry(left: TimeInterval, isServed: Bool) throws {
        fixture.source.set(.usable(Fixture.prepared(expiresIn: left)), for: "developer")
        let target = Self.base + "/developer"
        if isServed {
            #expect(try get(target).response().status == .ok)
        } else {
            #expect(try get(target).awaitedKey == .of("developer"))
            let response = try get(target, isFinal: true).response()
            #expect(response.status == .serviceUnavailable)
            #expect(response.retryAfter != nil)
            #expect(!response.bodyText.contains(Fixture.secret))
        }
    }

    @Test("A first request waits, and in the end gets a 503 that says when to come again")
    func fetching() throws {
        fixture.source.set(.fetching, for: "developer")
        #expect(try get(Self.base + "/developer").awaitedKey == .of("developer"))
        let response = try get(Self.base + "/developer", isFinal: true).response()
        #expect(response.status == .serviceUnavailable)
        #expect(response.retryAfter == 1)
    }

    @Test("A final refusal is a 200 with the real service's shape")
    func refused() throws {
        fixture.source.set(
            .unavailable(.accessDenied("Policy \"prod\"\nforbids it"), retryAfter: nil), for: "developer")
        let response = try get(Self.base + "/developer").response()
        #expect(response.status == .ok)
        let members = try response.members()
        #expect(members["Code"] == "AssumeRoleUnauthorizedAccess")
        #expect(members["Message"] == "Access is denied: Policy \"prod\" forbids it; run: stsbroker status")
        #expect(members["LastUpdated"] == "2026-01-01T00:00:00Z")
        #expect(members.count == 3)
    }

    @Test(
        "Passing failures are a 503 with Retry-After; an unknown role is a 404",
        arguments: [
            (CredentialFailure.signInRequired, UInt(503), "SignInRequired"),
            (.approvalPending("by alice"), 503, "ApprovalPending"),
            (.brokerUnreachable("timeout"), 503, "BrokerUnreachable"), (.credentialsExpired, 503, "CredentialsExpired"),
            (.roleNotFound, 404, "RoleNotFound"),
        ])
    func failures(failure: CredentialFailure, status: UInt, code: String) throws {
        fixture.source.set(.unavailable(failure, retryAfter: .milliseconds(2500)), for: "developer")
        let response = try get(Self.base + "/developer").response()
        #expect(response.status.code == status)
        #expect(response.retryAfter == (status == 503 ? 3 : nil))
        #expect(response.bodyText.hasPrefix(code + ": "))
    }
}
