// SPDX-License-Identifier: MIT
// fetchpool

/// The line that a worker writes when it crashes.
enum CrashLine {
    /// The whole line; numbers as they stand there.
    static var pattern:
        Regex<
            (
                Substring, signal: Substring, errno: Substring, data: Substring, limit: Substring,
                peak: Substring
            )
        >
    {
        /worker-died signal=(?<signal>\d+) errno=(?<errno>\d+) data_kb=(?<data>\d+) limit_kb=(?<limit>\d+) hwm_kb=(?<peak>\d+)/
    }
}
