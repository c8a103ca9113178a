// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The sizes, times and connections of one fetch, for the statistics.
///
/// A size or time that the worker did not send is `nil`.
struct FetchTraffic: Hashable, Sendable {
    /// The size of the body as received, in bytes.
    var wireBytes: Int?
    /// The size of the decoded body, in bytes.
    var bodyBytes: Int?
    /// The time of the whole fetch, in milliseconds.
    var totalMilliseconds: Double?
    /// The time that the fetch waited for the addresses of its host name, in milliseconds.
    var lookupMilliseconds: Double?
    /// True if the fetch used a connection.
    var hasPeer = false
    /// True if a connection was opened for the fetch.
    var hasConnected = false

    /// Creates the traffic of a fetch about which nothing is known.
    init() {}

    /// Creates the traffic of a fetch worker's result.
    @inline(__always)
    init(_ message: ResultMessage) {
        (wireBytes, bodyBytes) = (message.wireBytes, message.bodyBytes)
        (totalMilliseconds, lookupMilliseconds) = (message.totalMilliseconds, message.lookupMilliseconds)
        (hasPeer, hasConnected) = (message.hasPeer, message.hasConnected)
    }
}
