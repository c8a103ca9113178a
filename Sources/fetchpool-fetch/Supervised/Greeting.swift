// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import PoolWorker

/// The `init` message of the coordinator, with the settings for fetching.
struct Greeting {
    /// The settings of the message; a setting that is not in the message comes from the command line.
    private(set) var settings: FetchSettings
    /// The reader of standard input, which has returned the first line and can hold further lines.
    private(set) var input = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
    /// True if the connection to the coordinator can be lost without notice.
    private(set) var isRemote = false

    /// Waits for the first line and reads it.
    ///
    /// Exits the process unless the line is a usable `init` message of this protocol version.
    static func wait(on descriptor: Int32, defaults: FetchSettings) -> Greeting {
        var greeting = Greeting(settings: defaults)
        while true {
            if let line = greeting.input.next() {
                greeting.read(line)
                return greeting
            }
            guard greeting.input.fill(from: descriptor) == .some else { WorkerProcessSetup.leaveWithGroup() }
        }
    }

    private mutating func read(_ line: LineFramer.Line) {
        guard case .whole(let range) = line else {
            Program.leave(
                "the first line is longer than \(WireLimits.maxWorkerLineBytes >> 20) MiB",
                status: 1
            )
        }
        let bytes = input.bytes
        let text = bytes.span.extracting(range)
        do throws(JSONSyntaxError) {
            guard case .initialize(let version, let config, let isRemote) = try CoordinatorMessage.read(text)
            else {
                Program.leave(
                    "the first line must be the init message of a coordinator; to give tasks directly, leave out --supervised",
                    status: 1
                )
            }
            guard version == WireLimits.version else {
                Program.leave(
                    "the coordinator speaks version \(version) of the protocol, this worker \(WireLimits.version)",
                    status: 1
                )
            }
            self.isRemote = isRemote
            let given = settings
            if let config { try settings.apply(config, of: text) }
            if let refusal = given.refusal(ofUsing: settings) { Program.leave(refusal, status: 2) }
        } catch {
            Program.leave("the coordinator's first line is unusable: \(error)", status: 1)
        }
    }
}
