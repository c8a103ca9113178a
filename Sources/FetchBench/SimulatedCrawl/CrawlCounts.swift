// SPDX-License-Identifier: MIT
// fetchpool

/// The counts of a simulated crawl.
struct CrawlCounts {
    /// The number of fetches that began.
    var requests = 0
    /// The number of retries that were planned; a retry is not made if its host is given up meanwhile.
    var retries = 0
    /// The number of tasks that succeeded.
    var ok = 0
    /// The number of times that a host was given up.
    var givenUp = 0
    /// The number of the host of the task that ended last; 0 before the first end.
    var lastHost = 0
}
