// swift-tools-version:6.2
import PackageDescription

/// Every target: Swift 6 language mode, warnings are errors. Deprecations stay warnings, so that a
/// dependency's new minor version can't break the build.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// The data plane without the run-time checks of exclusive access, a tenth of its instructions in a request. Everything in
/// it is confined to one event loop; builds for tests have the checks.
let hot: [SwiftSetting] = strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
    name: "gateway",
    products: [.executable(name: "gateway", targets: ["gateway"])],
    dependencies: [
        // Sockets, event loops, timers and byte buffers of the data plane.
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        // TLS of listeners and to upstreams, on the event loops above.
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        // Frames, HPACK and streams of HTTP/2; 1.44.1 and later refuse CR, LF and NUL in header fields.
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        // Signatures, hashes and sealing; BoringSSL's implementations.
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        // Names in listeners' and clients' certificates; self-made ones of the demo's SAML identity provider.
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        // Certificates are DER values of this package.
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        // Heads of requests and responses in the demo's servers.
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        // Servers of the demo's identity providers and applications.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        // Pages: logic-free templates that escape by default.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        // SQLite with WAL, a writer queue and a reader pool.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Logging interface that the libraries above speak too.
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // Commands and their help.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Signals as an asynchronous sequence.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // Shims: one system library each, no logic.
        .target(name: "CTOML", cxxSettings: [.define("TOML_EXCEPTIONS", to: "0")]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CXMLSecurity", pkgConfig: "xmlsec1-openssl", providers: [.apt(["libxmlsec1-dev"])]),

        .target(name: "Tenancy", swiftSettings: strict),
        .target(
            name: "ConfigurationFile",
            dependencies: ["Tenancy", "CTOML", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: strict),
        .target(name: "Fetch", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "SAML", dependencies: ["CXMLSecurity"], swiftSettings: strict),
        .target(
            name: "OIDC",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "Storage",
            dependencies: [
                "Tenancy", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(
            name: "SignOn",
            dependencies: [
                "Tenancy", "SAML", "OIDC", "Storage", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "Proxy",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"), .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "X509", package: "swift-certificates"), .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: hot),
        .target(
            name: "Web",
            dependencies: [
                "SignOn", "Storage", "Tenancy", .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ], resources: [.embedInCode("Templates")], swiftSettings: strict),
        .target(
            name: "DemoWorld",
            dependencies: [
                .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"), .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "gateway",
            dependencies: [
                "Tenancy", "ConfigurationFile", "Fetch", "SAML", "OIDC", "Storage", "SignOn", "Proxy", "Web", "DemoWorld",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),

        // Seeds, mutations and the short run of the fuzzed parsers; see Tests/Fuzz/run.
        .target(name: "FuzzSupport", path: "Tests/Fuzz/Support", swiftSettings: strict),

        // Tests mirror the paths of what they test.
        .testTarget(name: "TenancyTests", dependencies: ["Tenancy"], swiftSettings: strict),
        .testTarget(name: "TenancyOracleTests", dependencies: ["Tenancy"], swiftSettings: strict),
        .testTarget(name: "ConfigurationFileTests", dependencies: ["ConfigurationFile", "Tenancy"], swiftSettings: strict),
        .testTarget(name: "FetchTests", dependencies: ["Fetch", "CCurl"], swiftSettings: strict),
        .testTarget(
            name: "OIDCTests",
            dependencies: [
                "OIDC", "FuzzSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "SAMLTests",
            dependencies: [
                "SAML", "CXMLSecurity", "FuzzSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: strict),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Tenancy"], swiftSettings: strict),
        .testTarget(
            name: "ProxyTests",
            dependencies: [
                "Proxy", "FuzzSupport", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"), .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "X509", package: "swift-certificates"), .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .testTarget(
            name: "SignOnTests",
            dependencies: [
                "SignOn", "Storage", "OIDC", "Tenancy", "FuzzSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "FuzzSupport", "SignOn", "Storage", "OIDC", "Tenancy", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "DemoWorldTests",
            dependencies: [
                "DemoWorld", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
