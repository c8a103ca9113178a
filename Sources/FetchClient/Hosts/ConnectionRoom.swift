// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The number of connections that are kept open.
///
/// Pure, but for the limit of descriptors, which is the process's own.
struct ConnectionRoom {
    /// Connections that one multi handle keeps open at most: those in use, and one for each host that it
    /// meets.
    ///
    /// Two handles take transfers, and both, and whatever else the process opens, fit into the limit of
    /// descriptors.
    let perHandle: Int

    init(concurrency: Int, hosts: Int, descriptors: Int = DescriptorLimit.current) {
        let wanted = concurrency + hosts
        let room = (descriptors - concurrency - Self.others) / 2
        perHandle = max(min(wanted, room), 16)
    }

    /// Descriptors for all that is no connection.
    private static let others = 128
}
