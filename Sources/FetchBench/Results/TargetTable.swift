// SPDX-License-Identifier: MIT
// fetchpool

extension Target {
    /// All targets, in the order of the workloads.
    static let all: [Target] = small

    private static let small = [
        rate(.small, "fetchpool", over: "Go net/http", atLeast: 1.1),
        rate(.small, "fetchpool", over: "curl --parallel", atLeast: 2),
        rate(.small, "fetchpool", over: "aiohttp", atLeast: 7),
        rate(.small, "fetchpool", over: "requests, 20 processes", atLeast: 60),
        rate(.small, "fetchpool", over: "wrk", atLeast: 0.4),
    ]
}
