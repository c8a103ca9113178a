// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limit on the connections that a client keeps open.
struct ConnectionRoom {
    /// The largest number of connections that one multi handle keeps open.
    ///
    /// With enough descriptors, the number is one for each transfer plus one for each host of the handle.
    /// Otherwise, each of the newest two handles gets half of the descriptors that the transfers and the
    /// reserved files leave. A client makes a new handle when its newest one has enough hosts (`KnownHosts`),
    /// and older handles keep few connections. The number is at least 16.
    let perHandle: Int

    init(concurrency: Int, hosts: Int, descriptors: Int = DescriptorLimit.current) {
        let wanted = concurrency + hosts
        let room = (descriptors - concurrency - Self.others) / 2
        perHandle = max(min(wanted, room), 16)
    }

    /// The number of descriptors that are reserved for files other than connections.
    private static let others = 128
}
