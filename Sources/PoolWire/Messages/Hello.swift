// SPDX-License-Identifier: MIT
// fetchpool

/// What a worker says of itself in its first line.
package struct Hello: Hashable, Sendable {
    /// The protocol version it speaks.
    package var version: Int
    /// Its process id, as it sees itself.
    package var pid: Int?
    /// What it calls itself.
    package var name: String?
    /// How many tasks it works on at once; 1 promises answers in order.
    package var concurrency: Int
    /// The processors it offers.
    package var processors: [String]
    /// Whether it sets the limits of `init.config` itself and leaves when its input ends, so that it needs no launcher.
    package var isSelfLimiting: Bool

    /// Describes a worker.
    package init(
        version: Int = WireLimits.version,
        pid: Int? = nil,
        name: String? = nil,
        concurrency: Int = 1,
        processors: [String] = [],
        isSelfLimiting: Bool = false
    ) {
        self.version = version
        self.pid = pid
        self.name = name
        self.concurrency = concurrency
        self.processors = processors
        self.isSelfLimiting = isSelfLimiting
    }
}
