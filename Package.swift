// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
// fetchpool

import PackageDescription

/// The compiler settings of every Swift target.
///
/// The compiler shall refuse data races, and imports that become part of the API by mistake.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestThreads"], swiftSettings: settings)
}

// Dependencies go one way: programs → the job → the pool → values and wire. The gate builds with
// --explicit-target-dependency-import-check error, so an import that is not listed here does not compile.
let package = Package(
    name: "fetchpool",
    products: [
        .executable(name: "fetchpool", targets: ["fetchpool"]),
        .executable(name: "fetchpool-fetch", targets: ["fetchpool-fetch"]),
        .executable(name: "fetchpool-process", targets: ["fetchpool-process"]),
        .library(name: "ProcessPool", targets: ["ProcessPool"]),
        .library(name: "PoolWorker", targets: ["PoolWorker"]),
        .library(name: "PoolWorkerCoding", targets: ["PoolWorkerCoding"]),
        .library(name: "ResponseProcessors", targets: ["ResponseProcessors"]),
    ],
    targets: [
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"]), .brew(["curl"])]
        ),
        .systemLibrary(
            name: "CCodings",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]
        ),
        .target(name: "CLinux"),

        // 1. The system, values and wire
        library("Platform", ["CLinux"]),
        library("Decompression", ["CCodings", "Platform"]),
        library("PoolWire", ["Platform"]),
        library("WebURL"),
        library("FetchModel", ["PoolWire", "WebURL"]),
        library("Frontier", ["FetchModel", "Platform"]),
        library("HTMLTokens"),
        library("Spool", ["Platform", "PoolWire"]),
        library("TextEncodings"),

        // 2. The pool
        library("PoolCoding", ["PoolWire"]),
        library("PoolWorker", ["CLinux", "Platform", "PoolWire"]),
        library("PoolWorkerCoding", ["PoolCoding", "PoolWorker"]),
        library("ProcessPool", ["CLinux", "Platform", "PoolCoding", "PoolWire", "PoolWorker"]),

        // 3. The job
        library(
            "FetchClient",
            ["CCodings", "CCurl", "CLinux", "FetchModel", "Platform", "PoolWire", "Spool"]
        ),
        library(
            "ResponseProcessors",
            ["FetchModel", "HTMLTokens", "PoolWire", "PoolWorker", "Spool", "TextEncodings"]
        ),
        library("RunReport", ["Decompression", "FetchModel", "Platform", "PoolWire"]),
        library(
            "FetchRun",
            [
                "Decompression", "FetchModel", "Frontier", "Platform", "PoolWire", "ProcessPool", "RunReport",
                "Spool",
            ]
        ),
        library("OptionTable"),
        library("FetchOptionTable", ["FetchModel", "OptionTable", "Platform"]),

        // Starts fixture programs and sends requests to them, for the demo and the benchmark
        library("LoopbackFixture", ["Platform"]),

        // 4. The programs
        program(
            "fetchpool",
            [
                "CLinux", "Decompression", "FetchModel", "FetchOptionTable", "FetchRun", "Frontier",
                "LoopbackFixture", "OptionTable", "Platform", "PoolWorker", "RunReport",
            ]
        ),
        program(
            "fetchpool-fetch",
            [
                "CLinux", "FetchClient", "FetchModel", "FetchOptionTable", "OptionTable", "Platform",
                "PoolWire", "PoolWorker", "Spool",
            ]
        ),
        program("fetchpool-process", ["FetchModel", "OptionTable", "PoolWorker", "ResponseProcessors"]),

        // Fixtures, for the demo, the tests and the benchmark.
        //
        // ResponseProcessors exports PoolWorker too. Programs that use PoolWorker through this export list
        // PoolWorker here as well. Otherwise SwiftPM does not compile them again when PoolWorker changes.
        program("fixture-server", ["CLinux"]),
        program("fixture-processor", ["PoolWorker", "ResponseProcessors"]),
        program("fixture-worker", ["PoolWorker"]),

        // The examples in the documents. A test runs them and compares them with the text of the documents.
        .executableTarget(
            name: "example-doubles",
            dependencies: ["ProcessPool"],
            path: "Sources/Examples/Doubles",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "example-requests",
            dependencies: ["ProcessPool"],
            path: "Sources/Examples/Requests",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "example-prices",
            dependencies: ["PoolWorker", "ResponseProcessors"],
            path: "Sources/Examples/Prices",
            swiftSettings: settings
        ),
        .target(name: "CPrices", path: "Sources/Examples/CPrices"),
        .executableTarget(
            name: "example-prices-in-c",
            dependencies: ["CPrices", "PoolWorker", "ResponseProcessors"],
            path: "Sources/Examples/PricesInC",
            swiftSettings: settings
        ),

        // The benchmark: it runs the programs, and the tools that one would use in their place
        library(
            "FetchBench",
            ["CLinux", "FetchModel", "Frontier", "HTMLTokens", "LoopbackFixture", "Platform"]
        ),
        program("fetchpool-bench", ["FetchBench", "FetchModel", "OptionTable"]),

        // How fast the engine is, without the job
        .executableTarget(
            name: "bench-engine",
            dependencies: ["Platform", "PoolWire", "ProcessPool", "fixture-worker"],
            path: "Tests/BenchEngine",
            swiftSettings: settings
        ),

        // The speed of the library's executors
        .executableTarget(
            name: "bench-executor",
            dependencies: ["ProcessPool"],
            path: "Tests/BenchExecutor",
            swiftSettings: settings
        ),

        // The speed of the bundled processors, without fetching
        .executableTarget(
            name: "bench-processors",
            dependencies: ["PoolWorker", "ResponseProcessors"],
            path: "Tests/BenchProcessors",
            swiftSettings: settings
        ),

        // The code paths that every task takes, each run alone, to count its instructions
        .executableTarget(
            name: "bench-paths",
            dependencies: ["FetchModel", "FetchRun", "Frontier", "Platform", "PoolWire", "ProcessPool"],
            path: "Tests/BenchPaths",
            swiftSettings: settings
        ),

        // A worker that goes wrong on request, for the tests
        .executableTarget(name: "stub-worker", path: "Tests/StubWorker", swiftSettings: settings),

        // A worker that does what the tests ask for, made with the library PoolWorker
        .executableTarget(
            name: "kit-worker",
            dependencies: ["PoolWorker"],
            path: "Tests/KitWorker",
            swiftSettings: settings
        ),

        // A worker whose tasks and results are Codable, for the tests
        .executableTarget(
            name: "codable-kit-worker",
            dependencies: ["PoolWorker", "PoolWorkerCoding"],
            path: "Tests/CodableKitWorker",
            swiftSettings: settings
        ),

        // A processor made with the library ResponseProcessors, for the tests
        .executableTarget(
            name: "kit-processor",
            dependencies: ["PoolWorker", "ResponseProcessors"],
            path: "Tests/KitProcessor",
            swiftSettings: settings
        ),

        // Functions for the workers of executors, and a program that serves them
        .target(
            name: "ExecutorFunctions",
            dependencies: ["ProcessPool"],
            path: "Tests/ExecutorFunctions",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "executor-worker",
            dependencies: ["ExecutorFunctions", "ProcessPool"],
            path: "Tests/ExecutorWorker",
            swiftSettings: settings
        ),

        // Waits for signals by sigwait(3) beside its pools
        .executableTarget(
            name: "signal-waiter",
            dependencies: ["ExecutorFunctions", "ProcessPool"],
            path: "Tests/SignalWaiter",
            swiftSettings: settings
        ),

        // Random URLs, and the rules that hold for each
        .executableTarget(
            name: "url-fuzz",
            dependencies: ["FetchModel", "PoolWire", "SimulationSupport", "WebURL"],
            path: "Tests/URLFuzz",
            swiftSettings: settings
        ),

        // Random numbers, and the order of events in time, for simulations, fuzzers and tests
        .target(name: "SimulationSupport", path: "Tests/SimulationSupport", swiftSettings: settings),

        // Simulates pools in made-up worlds. The gate builds this and the next target optimized.
        .executableTarget(
            name: "pool-simulation",
            dependencies: ["Platform", "PoolWire", "ProcessPool", "SimulationSupport"],
            path: "Tests/ProcessPoolSimulation",
            exclude: ["Mutations"],
            swiftSettings: settings
        ),

        // Simulates whole runs in made-up worlds
        .executableTarget(
            name: "run-simulation",
            dependencies: [
                "FetchModel", "FetchRun", "Platform", "PoolWire", "ProcessPool", "SimulationSupport", "Spool",
            ],
            path: "Tests/FetchRunSimulation",
            exclude: ["Mutations"],
            swiftSettings: settings
        ),

        // Random pages for the tokenizer, for a given time
        .executableTarget(
            name: "html-fuzz",
            dependencies: ["HTMLTokens", "SimulationSupport"],
            path: "Tests/HTMLTokensFuzz",
            swiftSettings: settings
        ),

        // Threads for tests that start programs, block or take long
        .target(name: "TestThreads", path: "Tests/TestThreads", swiftSettings: settings),

        // Temporary folders for tests
        .target(name: "TestFolders", path: "Tests/TestFolders", swiftSettings: settings),

        // An emulated terminal, for the tests of the progress display
        .target(name: "TestTerminal", path: "Tests/TestTerminal", swiftSettings: settings),

        // How tests start the programs
        .target(
            name: "TestPrograms",
            dependencies: ["CLinux", "TestThreads"],
            path: "Tests/TestPrograms",
            swiftSettings: settings
        ),

        tests("TestThreadsTests", ["TestPrograms"]),
        tests("PlatformTests", ["Platform", "TestFolders"]),
        tests("DecompressionTests", ["Decompression", "TestFolders"]),
        tests("TextEncodingsTests", ["SimulationSupport", "TextEncodings"]),
        tests("PoolWireTests", ["PoolWire", "SimulationSupport"]),
        tests("HTMLTokensTests", ["HTMLTokens"]),
        tests("WebURLTests", ["SimulationSupport", "WebURL"]),
        tests("FetchModelTests", ["CCurl", "FetchModel", "PoolWire", "WebURL"]),
        tests(
            "ProcessPoolTests",
            ["Platform", "PoolWire", "ProcessPool", "TestFolders", "TestPrograms", "stub-worker"]
        ),
        tests(
            "ProcessPoolExecutorTests",
            [
                "ExecutorFunctions", "ProcessPool", "TestFolders", "TestPrograms", "executor-worker",
                "kit-worker", "signal-waiter", "stub-worker",
            ]
        ),
        tests("PoolCodingTests", ["PoolCoding"]),
        tests(
            "PoolWorkerCodingTests",
            ["PoolWorker", "PoolWorkerCoding", "TestPrograms", "codable-kit-worker"]
        ),
        tests(
            "PoolWorkerTests",
            [
                "PoolWire", "PoolWorker", "SimulationSupport", "TestFolders", "TestPrograms",
                "fetchpool-process", "fixture-processor", "kit-worker",
            ]
        ),
        tests(
            "FetchClientTests",
            [
                "CCodings", "CCurl", "FetchClient", "FetchModel", "Platform", "PoolWire", "Spool",
                "TestPrograms", "fixture-server",
            ]
        ),
        tests("FixtureServerTests", ["TestFolders", "TestPrograms", "fixture-server"]),
        tests("ResponseProcessorsTests", ["FetchModel", "PoolWire", "PoolWorker", "ResponseProcessors"]),
        tests(
            "FetchRunTests",
            [
                "FetchModel", "FetchRun", "Frontier", "Platform", "PoolWire", "ProcessPool",
                "SimulationSupport", "Spool", "TestFolders", "TestTerminal",
            ]
        ),
        tests("RunReportTests", ["FetchModel", "RunReport", "SimulationSupport", "TestFolders"]),
        tests("SpoolTests", ["Platform", "PoolWire", "SimulationSupport", "Spool", "TestFolders"]),
        tests("FrontierTests", ["FetchModel", "Frontier", "Platform", "SimulationSupport"]),
        tests("FetchBenchTests", ["FetchBench", "Frontier", "LoopbackFixture", "TestFolders"]),
        tests("OptionTableTests", ["OptionTable"]),
        tests("FetchOptionTableTests", ["FetchModel", "FetchOptionTable", "OptionTable"]),
        tests(
            "ProgramTests",
            [
                "FetchOptionTable", "OptionTable", "TestFolders", "TestPrograms", "TestTerminal",
                "example-doubles", "example-prices", "example-prices-in-c", "example-requests", "fetchpool",
                "fetchpool-bench", "fetchpool-fetch", "fetchpool-process", "fixture-processor",
                "fixture-server", "fixture-worker", "kit-processor", "kit-worker",
            ]
        ),
    ]
)

// The gate builds some tests once more, with a sanitizer: ONLY_TESTS="A B" keeps only these targets and their
// dependencies.
if let names = Context.environment["ONLY_TESTS"] {
    var kept = Set(names.split(separator: " ").map(String.init))
    var added = kept
    while !added.isEmpty {
        let below = package.targets.filter { added.contains($0.name) }.flatMap(\.dependencies)
        added = Set(below.compactMap { if case .byNameItem(let name, _) = $0 { name } else { nil } })
        added.subtract(kept)
        kept.formUnion(added)
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
