// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A network for one test (network_namespaces(7)), with only a loopback device, which can have any addresses.
///
/// Programs in the namespace reach no other network. Programs outside the namespace reach programs in it only
/// through local sockets (unix(7)). So a test can safely give the loopback device a public address. The
/// namespace and its folder are removed when the last reference to this object is released.
package final class NetworkNamespace {
    /// The reason why this system cannot create a namespace; `nil` if a namespace can be created.
    ///
    /// Root may create a namespace, unless a sandbox forbids this. Other users also need a user namespace,
    /// which not every system allows. Use this property in `.enabled(if:)`, so that the test report shows
    /// which tests were skipped and why.
    package static let refusal: String? = {
        do {
            _ = try OwnThread.forCondition { try NetworkNamespace() }
            return nil
        } catch {
            return "no network namespace can be made here: \(error)"
        }
    }()

    /// An address that no registry lists as special, so that clients treat it as public.
    package static let publicAddress = "11.0.0.1"

    /// The process that holds the namespace open.
    private let holder: RunningProgram
    /// True if the namespace is inside a user namespace, because the user is not root.
    private let isOwnedByUser: Bool
    private let folder: String

    /// Creates a namespace in which `lo` is up.
    ///
    /// `lo` has `addresses`, 127.0.0.1, and ::1 if the system has IPv6.
    ///
    /// - Throws: `ProgramError` if the namespace cannot be created (with the system's message), or if the
    ///   test must not block its thread; an error of Foundation if the folder cannot be created.
    package init(addresses: [String] = [publicAddress]) throws {
        isOwnedByUser = geteuid() != 0
        let commands = addresses.map { "ip address add \($0)/\($0.contains(":") ? 128 : 32) dev lo" }
        let script = (["set -e", "ip link set lo up"] + commands + ["echo ready", "exec cat"]).joined(
            separator: "\n"
        )
        let words = (isOwnedByUser ? ["--map-root-user"] : []) + ["--net", "/bin/sh", "-c", script]
        holder = try RunningProgram("/usr/bin/unshare", words)
        guard try holder.line() == "ready" else {
            throw ProgramError(
                description: try holder.allErrors().trimmingCharacters(in: .whitespacesAndNewlines)
            )
        }
        folder = FileManager.default.temporaryDirectory.path + "/namespace-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Starts a program in the namespace, as `RunningProgram` does outside the namespace.
    ///
    /// If the program cannot be started, the returned program ends with a status other than 0.
    ///
    /// - Throws: `ProgramError` if nsenter(1) cannot be started, or if the test must not block its thread.
    package func start(_ name: String, _ arguments: [String] = []) throws -> RunningProgram {
        // nsenter(1) becomes the program by execve(2). So the process id is that of the program, and signals
        // reach the program.
        let user = isOwnedByUser ? ["--user", "--preserve-credentials"] : []
        let words = ["--target", String(holder.pid), "--net"] + user + ["--", BuiltPrograms.path(name)]
        return try RunningProgram("/usr/bin/nsenter", words + arguments)
    }

    /// Runs a program in the namespace until the program ends.
    ///
    /// - Throws: `ProgramError` as `start` says, or if the program does not end in time.
    package func run(
        _ name: String,
        _ arguments: [String] = [],
        input: String = "",
        within bound: Duration = RunningProgram.patience
    ) throws -> RunningProgram.Finished {
        try start(name, arguments).finish(Array(input.utf8), within: bound)
    }

    /// Returns the path of a file in the namespace's folder, even if the file does not exist.
    func path(_ name: String) -> String { folder + "/" + name }
}
