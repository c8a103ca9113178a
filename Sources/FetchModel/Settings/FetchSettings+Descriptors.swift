// SPDX-License-Identifier: MIT
// fetchpool

extension FetchSettings {
    /// The number of descriptors that a fetch worker has open besides its connections.
    private static let otherDescriptors = 20

    /// Returns a message if a fetch worker with these settings may need more than `limit` descriptors;
    /// otherwise `nil`.
    package func lackOfDescriptors(limit: Int) -> String? {
        // The coordinator's message can set any number.
        let (needed, isTooMuch) = concurrency.addingReportingOverflow(Self.otherDescriptors)
        guard isTooMuch || limit < needed else { return nil }
        return
            "too many open files: a fetch worker with --concurrency \(concurrency) needs \(isTooMuch ? .max : needed), and \(limit) may be open; raise the limit (ulimit -n) or lower --concurrency"
    }
}
