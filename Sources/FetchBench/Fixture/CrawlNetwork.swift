// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import LoopbackFixture

/// A private network and file system view for the servers and programs of a crawl (network_namespaces(7),
/// mount_namespaces(7)).
///
/// The network has only loopback. The view has its own `resolv.conf`, `nsswitch.conf` and trust store. The
/// network and the view disappear when the last program in them ends.
final class CrawlNetwork {
    private let holder = Process()
    private let input = Pipe()
    /// True if the user is not root; a user namespace is then needed besides the two other namespaces.
    private let isOwnedByUser = geteuid() != 0

    /// The file in which programs find the authorities that they trust.
    static let trustStore = "/etc/ssl/certs/ca-certificates.crt"

    /// Makes the network and the view; the trust store has the system's certificates and `authority`.
    ///
    /// - Throws: `BenchError` with the system's message, if the network cannot be made; an error of
    ///   Foundation if a file cannot be written or no program can be started.
    init(folder: TemporaryFolder, authority: Data) throws {
        let store = FileManager.default.contents(atPath: Self.trustStore) ?? Data()
        let files = [
            "resolv.conf": Data("nameserver 127.0.0.1\noptions timeout:2 attempts:2\n".utf8),
            "nsswitch.conf": Data("hosts: files dns\n".utf8), "trust.crt": store + authority,
        ]
        for (name, content) in files { _ = try folder.write(content, to: name) }
        let user = isOwnedByUser ? ["--map-root-user"] : []
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        holder.arguments =
            ["unshare", "--mount", "--net"] + user
            + ["/bin/sh", "-c", Self.script, "sh", folder.path, Self.trustStore]
        let (output, errors) = (Pipe(), Pipe())
        (holder.standardInput, holder.standardOutput, holder.standardError) = (input, output, errors)
        try holder.run()
        let said = try output.fileHandleForReading.read(upToCount: 6) ?? Data()
        guard said == Data("ready\n".utf8) else {
            let reason = try errors.fileHandleForReading.readToEnd() ?? Data()
            throw BenchError(
                "cannot set up a private network, for which root or user namespaces are needed: "
                    + String(decoding: reason, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            )
        }
    }

    /// The script that sets up the network; the script ends when its standard input ends.
    ///
    /// The range of ports is large, because a closed connection occupies its port for a minute.
    private static let script = """
        set -e
        ip link set lo up
        echo 1024 65535 2>&- >/proc/sys/net/ipv4/ip_local_port_range || true
        mount --bind "$1/resolv.conf" /etc/resolv.conf
        mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
        mount --bind "$1/trust.crt" "$2"
        echo ready
        exec cat
        """

    /// Returns a command that runs the program of `command` in the network and the view (nsenter(1)).
    func inside(_ command: Command) -> Command {
        let user = isOwnedByUser ? ["--user", "--preserve-credentials"] : []
        let target = ["--target", String(holder.processIdentifier), "--mount", "--net"]
        var inside = Command("nsenter", target + user + ["--", command.program] + command.arguments)
        inside.isOutputTimed = command.isOutputTimed
        return inside
    }

    /// Releases the network, which disappears once the programs in it have ended.
    func end() { try? input.fileHandleForWriting.close() }
}
