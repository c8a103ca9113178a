// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limit on the connections that a client keeps open.
///
/// `perHandle` depends only on the arguments of `init`. The default of `descriptors` is the largest number of
/// files that this process may have open.
struct ConnectionRoom {
    /// The largest number of connections that one multi handle keeps open.
    ///
    /// If there are enough descriptors, the number is the largest number of transfers at a time plus one
    /// connection for each host that the handle serves.
    ///
    /// Otherwise the number is smaller. Two handles accept transfers. The connections of both handles, one
    /// descriptor for each transfer, and the other open files fit into the limit of the process. The number
    /// is at least 16, even if the limit is too low for this.
    let perHandle: Int

    init(concurrency: Int, hosts: Int, descriptors: Int = DescriptorLimit.current) {
        let wanted = concurrency + hosts
        let room = (descriptors - concurrency - Self.others) / 2
        perHandle = max(min(wanted, room), 16)
    }

    /// The number of descriptors that are reserved for files other than connections.
    private static let others = 128
}
