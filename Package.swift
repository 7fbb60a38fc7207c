// swift-tools-version: 6.2
import PackageDescription

// A target exists only to forbid an import; the comment above each says which. A target may depend only on targets
// from rows below its own. RepositoryTests hold the rows, SwiftPM holds the declared imports.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The products of other packages that more than one target uses.
enum Library {
    static let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
    static let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
    static let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
    static let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
    static let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
    static let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
    static let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
    static let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
    static let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let serviceLifecycle = Target.Dependency.product(
        name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
    static let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
}

let package = Package(
    name: "stsbroker",
    products: [
        .executable(name: "stsbrokerd", targets: ["stsbrokerd"]),
        .executable(name: "stsbroker-server", targets: ["stsbroker-server"]),
        .executable(name: "stsbroker", targets: ["stsbroker"]),
        .executable(name: "stsbroker-sandbox", targets: ["stsbroker-sandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Row 0. Nouns without I/O: forbids everything but the standard library and FoundationEssentials.
        .target(name: "Credentials", swiftSettings: strict),
        // Row -1. libyaml, linked statically: forbids YAML parsers that bring full Foundation along.
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        // Row -1. What of Linux Glibc's module doesn't show: forbids C code of our own elsewhere.
        .systemLibrary(name: "CLinux"),
        // Row 0. The one place that sees a YAML parser: forbids CYAML everywhere else.
        .target(
            name: "StrictYAML", dependencies: ["CYAML"], swiftSettings: strict,
            linkerSettings: [.linkedLibrary(":libyaml.a")]),
        // Row 0. One bounded outgoing exchange: forbids unbounded calls, by being the only way out below row 3.
        .target(
            name: "HTTPExchange",
            dependencies: [Library.nioCore, Library.nioHTTP1, Library.nioPosix, Library.nioSSL],
            swiftSettings: strict),
        // Row 0. The one place that sees the BoringSSL that NIOSSL brings along: forbids the daemon a second one.
        .target(name: "Cryptography", dependencies: [Library.nioSSL], swiftSettings: strict),

        // Row 0. Metrics of one program as Prometheus reads them: forbids every other exporter, and global state.
        .target(
            name: "PrometheusText", dependencies: [Library.coreMetrics], swiftSettings: strict),

        // Row 1. Asks the kernel who is on the other end of a connection: forbids HTTP.
        .target(
            name: "CallerIdentity", dependencies: [Library.nioCore, Library.nioPosix], swiftSettings: strict),
        // Row 1. Holds and refreshes credentials: forbids the network, HTTP and AWS.
        .target(
            name: "CredentialCache",
            dependencies: ["Credentials", Library.logging, Library.serviceLifecycle],
            swiftSettings: strict),
        // Row 1. Policies, decisions, audit vocabulary; pure: forbids I/O, databases and HTTP.
        .target(name: "AccessControl", dependencies: ["Credentials", Library.crypto], swiftSettings: strict),
        // Row 1. What the service manager hands over and wants to hear: forbids everything but the C library.
        .target(name: "Systemd", swiftSettings: strict),
        // Row 1. What we call of AWS: forbids the broker's rules.
        .target(
            name: "AWSAPI",
            dependencies: [
                "Credentials", "HTTPExchange", Library.crypto, Library.logging, Library.nioCore, Library.nioHTTP1,
            ],
            swiftSettings: strict),
        // Row 1. Sign-in flows, and how we talk to identity providers: forbids the daemon and the broker.
        .target(
            name: "OIDC",
            dependencies: [
                "Credentials", "Cryptography", "HTTPExchange", Library.nioCore, Library.nioHTTP1, Library.nioPosix,
            ],
            swiftSettings: strict),

        // Row 2. Speaks IMDS and container credentials: forbids the broker, its client and any outgoing call.
        .target(
            name: "MetadataServer",
            dependencies: [
                "CLinux", "CallerIdentity", "CredentialCache", "Credentials", "Cryptography", Library.logging,
                Library.nioCore, Library.nioHTTP1,
            ],
            swiftSettings: strict),
        // Row 2. Contract and client of the daemon's control socket: forbids the daemon itself.
        .target(
            name: "DaemonAPI",
            dependencies: ["HTTPExchange", Library.nioCore, Library.nioHTTP1],
            swiftSettings: strict),
        // Row 2. Contract and client of the broker: forbids the broker's rules and store.
        .target(
            name: "BrokerAPI",
            dependencies: ["Credentials", "HTTPExchange", "StrictYAML", Library.nioCore, Library.nioHTTP1],
            swiftSettings: strict),
        // Row 2. The one place that sees a database: forbids SQL everywhere else.
        .target(
            name: "BrokerStore",
            dependencies: ["AccessControl", "Credentials", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        // Row 2. Reads policies.yaml and judges it, for the broker and for people offline: forbids both their programs.
        .target(
            name: "PolicyFiles", dependencies: ["AccessControl", "AWSAPI", "Credentials", "StrictYAML"],
            swiftSettings: strict),
        // Row 2. Verifies ID tokens: forbids the broker's rules, and by being apart forbids JWTKit in the daemon.
        .target(
            name: "IDTokens",
            dependencies: ["Credentials", "HTTPExchange", "OIDC", Library.jwtKit, Library.logging],
            swiftSettings: strict),

        // Row 3. Assembles and runs stsbrokerd: forbids AWSAPI (it holds no AWS keys) and the store.
        .target(
            name: "Daemon",
            dependencies: [
                "BrokerAPI", "CLinux", "CallerIdentity", "CredentialCache", "Credentials", "Cryptography", "DaemonAPI",
                "HTTPExchange", "MetadataServer", "OIDC", "PrometheusText", "StrictYAML", "Systemd",
                Library.coreMetrics, Library.logging, Library.nioCore, Library.nioHTTP1, Library.nioPosix,
                Library.serviceLifecycle, Library.unixSignals,
            ],
            swiftSettings: strict),
        // Row 3. One file per CLI verb: forbids both servers.
        .target(
            name: "Commands",
            dependencies: [
                "AccessControl", "BrokerAPI", "CallerIdentity", "Credentials", "DaemonAPI", "HTTPExchange", "OIDC",
                "PolicyFiles", "StrictYAML",
                Library.argumentParser,
            ],
            swiftSettings: strict),
        // Row 3. Authenticates, decides, assumes, records: forbids GRDB and the daemon.
        .target(
            name: "Broker",
            dependencies: [
                "AccessControl", "AWSAPI", "BrokerAPI", "BrokerStore", "Credentials", "HTTPExchange", "IDTokens",
                "OIDC", "PolicyFiles", "PrometheusText", "StrictYAML", "Systemd", Library.argumentParser,
                Library.crypto, Library.cryptoExtras, Library.hummingbird,
                Library.logging, Library.metrics, Library.nioCore, Library.nioHTTP1, Library.nioPosix,
                Library.serviceLifecycle, Library.unixSignals,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                Library.nioSSL,
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            resources: [.embedInCode("API/openapi.yaml"), .embedInCode("Web/pages.css")],
            swiftSettings: strict),
        // Row 3. Offline stand-in for IdP and STS: forbids every rule of the product, so that it can contradict it.
        .target(
            name: "Sandbox",
            dependencies: [
                "DaemonAPI", Library.argumentParser, Library.asyncHTTPClient, Library.crypto, Library.cryptoExtras,
                Library.hummingbird, Library.jwtKit, Library.logging, Library.nioCore, Library.nioHTTP1,
                Library.nioPosix, Library.serviceLifecycle, Library.subprocess, Library.unixSignals,
            ],
            swiftSettings: strict),

        // Row 4. main only.
        .executableTarget(name: "stsbrokerd", dependencies: ["Daemon"], swiftSettings: strict),
        .executableTarget(name: "stsbroker-server", dependencies: ["Broker"], swiftSettings: strict),
        .executableTarget(name: "stsbroker", dependencies: ["Commands"], swiftSettings: strict),
        .executableTarget(name: "stsbroker-sandbox", dependencies: ["Sandbox"], swiftSettings: strict),

        // No product: make bench-broker runs it.
        .executableTarget(
            name: "measure-decisions",
            dependencies: [
                "AWSAPI", "AccessControl", "Broker", "BrokerStore", "Credentials", "PolicyFiles", Library.logging,
            ],
            path: "Benchmarks/decisions",
            swiftSettings: strict),

        .target(
            name: "TestSupport",
            dependencies: [
                Library.logging, Library.nioCore, Library.nioHTTP1, Library.nioPosix, Library.nioSSL,
                Library.subprocess,
            ],
            path: "Tests/TestSupport",
            exclude: ["Python"],
            swiftSettings: strict),
        .testTarget(name: "CredentialsTests", dependencies: ["Credentials"], swiftSettings: strict),
        .testTarget(
            name: "PrometheusTextTests",
            dependencies: ["PrometheusText", Library.coreMetrics],
            swiftSettings: strict),
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: strict),
        .testTarget(name: "StrictYAMLTests", dependencies: ["StrictYAML"], swiftSettings: strict),
        .testTarget(
            name: "CallerIdentityTests",
            dependencies: ["CallerIdentity", "TestSupport", Library.nioCore, Library.nioPosix, Library.subprocess],
            swiftSettings: strict),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "CredentialCacheTests",
            dependencies: ["CredentialCache", "Credentials", "TestSupport", Library.logging],
            swiftSettings: strict),
        .testTarget(
            name: "AccessControlTests", dependencies: ["AccessControl", "Credentials", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "AWSAPITests",
            dependencies: [
                "AWSAPI", "Credentials", "HTTPExchange", "TestSupport", Library.logging, Library.nioHTTP1,
            ],
            exclude: ["Python"],
            swiftSettings: strict),
        .testTarget(
            name: "MetadataServerTests",
            dependencies: [
                "CallerIdentity", "CredentialCache", "Credentials", "MetadataServer", "TestSupport", Library.logging,
                Library.nioCore, Library.nioHTTP1,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerStoreTests",
            dependencies: [
                "AccessControl", "BrokerStore", "Credentials", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PolicyFilesTests", dependencies: ["AccessControl", "PolicyFiles", "StrictYAML"],
            swiftSettings: strict),
        .testTarget(
            name: "OIDCTests",
            dependencies: [
                "Credentials", "HTTPExchange", "IDTokens", "OIDC", "TestSupport", Library.crypto, Library.cryptoExtras,
                Library.logging, Library.nioCore, Library.nioHTTP1, Library.nioPosix,
            ],
            exclude: ["Python"],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "AccessControl", "AWSAPI", "Broker", "BrokerStore", "Credentials", "HTTPExchange", "IDTokens", "OIDC",
                "PolicyFiles", "PrometheusText", "StrictYAML",
                "TestSupport",
                Library.hummingbird, Library.logging, Library.nioCore, Library.nioHTTP1,
                Library.nioPosix, Library.nioSSL,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            exclude: ["Python"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "AccessControl", "BrokerAPI", "Commands", "Credentials", "DaemonAPI", "HTTPExchange", "OIDC",
                "PolicyFiles", "StrictYAML", "TestSupport", Library.argumentParser, Library.nioHTTP1,
            ],
            exclude: ["Snapshots"],
            swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "TestSupport", "stsbroker-sandbox", Library.asyncHTTPClient, Library.hummingbird,
                Library.jwtKit, Library.logging, Library.nioCore, Library.nioHTTP1, Library.serviceLifecycle,
                Library.subprocess,
            ],
            exclude: ["Python"],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPExchangeTests",
            dependencies: [
                "HTTPExchange", "TestSupport", Library.nioCore, Library.nioHTTP1, Library.nioSSL,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerAPITests",
            dependencies: [
                "BrokerAPI", "Credentials", "HTTPExchange", "TestSupport", Library.nioHTTP1,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonAPITests",
            dependencies: ["DaemonAPI", "HTTPExchange", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "BrokerAPI", "CallerIdentity", "CredentialCache", "Credentials", "Cryptography", "Daemon", "DaemonAPI",
                "HTTPExchange", "MetadataServer", "OIDC", "PrometheusText", "StrictYAML", "Systemd", "TestSupport",
                Library.logging, Library.nioCore, Library.nioHTTP1, Library.nioPosix,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RepositoryTests",
            dependencies: ["AccessControl", "Broker", "Daemon", "PolicyFiles", "PrometheusText", "StrictYAML"],
            swiftSettings: strict),
        // Runs the real executables, so depends on them to have them built.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "stsbroker", "stsbroker-sandbox", "stsbroker-server", "stsbrokerd", "TestSupport", Library.subprocess,
            ],
            exclude: ["Python"],
            swiftSettings: strict),
    ]
)
