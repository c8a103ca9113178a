// SPDX-License-Identifier: MIT
// fetchpool

/// The result of one run of a program.
struct Measurement: Codable, Sendable, Hashable {
    /// The number of tasks.
    var items: Int
    /// The number of tasks that succeeded.
    var ok: Int
    /// The time for all tasks, in seconds.
    var seconds: Double
    /// The processor time of the program and of its descendants that were reaped, in seconds.
    ///
    /// A program that reports its own processor time can exclude its start (`ResultSource.report`).
    var cpuSeconds: Double
    /// The largest memory of one process, in KiB, by the name of its program.
    var peakKiB: [String: Int] = [:]
    /// Further figures, by the raw values of `FigureName`; `nil` if there are none.
    var figures: [String: Double]?

    /// The number of tasks per second.
    var rate: Double { Double(items) / seconds }

    private enum CodingKeys: String, CodingKey {
        case items, ok, seconds, figures
        case cpuSeconds = "cpu_seconds"
        case peakKiB = "peak_kib"
    }
}
