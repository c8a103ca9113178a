// SPDX-License-Identifier: MIT
// fetchpool

/// What one run of one program came to.
struct Measurement: Codable, Sendable, Hashable {
    /// Tasks given to it.
    var items: Int
    /// Those that succeeded.
    var ok: Int
    /// How long it took for them.
    var seconds: Double
    /// Processor time of the program and its children, from its start to its end.
    var cpuSeconds: Double
    /// The most memory that a process of each program held, in KiB.
    var peakKiB: [String: Int] = [:]
    /// More that was counted or timed, by name.
    var figures: [String: Double]?

    /// Tasks a second.
    var rate: Double { Double(items) / seconds }

    private enum CodingKeys: String, CodingKey {
        case items, ok, seconds, figures
        case cpuSeconds = "cpu_seconds"
        case peakKiB = "peak_kib"
    }
}
