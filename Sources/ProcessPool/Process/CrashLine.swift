// SPDX-License-Identifier: MIT
// fetchpool

/// The line that a worker of ours writes to standard error as it dies:
/// `worker-died signal=11 errno=12 data_kb=245760 limit_kb=262144 hwm_kb=250112`.
struct CrashLine: Hashable, Sendable {
    /// The most memory it held resident, in KiB; `nil` if it could not tell.
    let peakRSSKB: Int?
    /// Whether it died for want of memory: its last system call failed with ENOMEM, or it held 95 % of its limit.
    let isOutOfMemory: Bool

    /// Reads the line; `nil` if it is another.
    init?(_ text: String) {
        guard text.hasPrefix("worker-died ") else { return nil }
        var numbers: [Substring: Int] = [:]
        for word in text.split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]) else { return nil }
            numbers[parts[0]] = number
        }
        guard numbers["signal"] != nil else { return nil }
        peakRSSKB = numbers["hwm_kb"].flatMap { $0 > 0 ? $0 : nil }
        let (data, limit) = (numbers["data_kb"] ?? 0, numbers["limit_kb"] ?? 0)
        // ENOMEM of errno(3) is 12 on every Linux.
        isOutOfMemory = numbers["errno"] == 12 || (limit > 0 && data >= limit / 100 * 95)
    }
}
