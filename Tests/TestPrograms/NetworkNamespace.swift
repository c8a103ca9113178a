// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A network of the test's own (network_namespaces(7)): nothing in it but a loopback device, which can have any address.
///
/// The programs that are started in it see no other network, and nobody else sees them; so an address that stands for a
/// public one does no harm. It goes, with the folder of its own, when the last reference goes.
package final class NetworkNamespace {
    /// Why none can be made here; nil where one can.
    ///
    /// Root may make one, where no sandbox forbids it; others need a user namespace around it, which not every system
    /// grants. Use it in `.enabled(if:)`, so that the run says what was left out and why.
    package static let refusal: String? = {
        do {
            _ = try OwnThread.forCondition { try NetworkNamespace() }
            return nil
        } catch {
            return "no network namespace can be made here: \(error)"
        }
    }()

    /// An address that no registry calls special, so that clients take it for a public one.
    package static let publicAddress = "11.0.0.1"

    /// The process that holds the namespace open.
    private let holder: RunningProgram
    /// It lies in a user namespace, for want of root.
    private let isOwnedByUser: Bool
    private let folder: String

    /// Makes a namespace with `lo` up and `addresses` on it, besides 127.0.0.1 and, where the system has IPv6, ::1.
    ///
    /// - Throws: `ProgramError` with what the system said, if it cannot be made.
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

    /// Starts a program in it, as `RunningProgram` does outside.
    ///
    /// - Throws: `ProgramError` if it cannot be started.
    package func start(_ name: String, _ arguments: [String] = []) throws -> RunningProgram {
        // nsenter(1) becomes the program, so that signals and process ids are the program's own.
        let user = isOwnedByUser ? ["--user", "--preserve-credentials"] : []
        let words = ["--target", String(holder.pid), "--net"] + user + ["--", BuiltPrograms.path(name)]
        return try RunningProgram("/usr/bin/nsenter", words + arguments)
    }

    /// Runs a program in it to its end.
    ///
    /// - Throws: `ProgramError` if it cannot be started, or does not end in time.
    package func run(
        _ name: String,
        _ arguments: [String] = [],
        input: String = "",
        within bound: Duration = RunningProgram.patience
    ) throws -> RunningProgram.Finished {
        try start(name, arguments).finish(Array(input.utf8), within: bound)
    }

    /// The path of a file in the namespace's folder, short enough for a local socket.
    func path(_ name: String) -> String { folder + "/" + name }
}
