// SPDX-License-Identifier: MIT
// fetchpool

/// The line that a worker writes when it crashes.
enum CrashLine {
    /// A pattern of the whole line; the numbers are captured as text.
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
