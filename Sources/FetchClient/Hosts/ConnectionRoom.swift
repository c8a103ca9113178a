// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Computes the number of connections that a client keeps open.
///
/// Pure, except for the default of `descriptors`, which is read from the process.
struct ConnectionRoom {
    /// The largest number of connections that one multi handle keeps open: those in use, and one for each
    /// host that the handle serves.
    ///
    /// Two handles accept transfers. Both, together with all other open files of the process, fit into the
    /// limit of descriptors, unless the limit is so low that each handle gets the minimum of 16.
    let perHandle: Int

    init(concurrency: Int, hosts: Int, descriptors: Int = DescriptorLimit.current) {
        let wanted = concurrency + hosts
        let room = (descriptors - concurrency - Self.others) / 2
        perHandle = max(min(wanted, room), 16)
    }

    /// The number of descriptors set aside for other files than connections.
    private static let others = 128
}
