// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The number of connections that a client keeps open.
///
/// The result depends only on the arguments; the default of `descriptors` is the limit of this process.
struct ConnectionRoom {
    /// The largest number of connections that one multi handle keeps open.
    ///
    /// The number allows the connections in use, and one connection for each host that the handle serves.
    ///
    /// Two handles accept transfers. The connections of both handles and the other open files of the process
    /// fit into the limit of descriptors. If the limit is very low, each handle still gets 16 connections.
    let perHandle: Int

    init(concurrency: Int, hosts: Int, descriptors: Int = DescriptorLimit.current) {
        let wanted = concurrency + hosts
        let room = (descriptors - concurrency - Self.others) / 2
        perHandle = max(min(wanted, room), 16)
    }

    /// The number of descriptors that are reserved for files other than connections.
    private static let others = 128
}
