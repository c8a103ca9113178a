// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The rates of finished tasks and of bytes over about the last 30 s.
struct RateWindow: Sendable {
    /// The numbers of finished tasks and of bytes at one time.
    private struct Sample {
        var time: PoolTime
        var done: Int
        var bytes: Int
    }

    /// The samples in order; only the first may be older than the window.
    private var samples: [Sample]
    /// The last numbers, which may be newer than the newest sample.
    private var last: Sample

    /// The length of the window.
    private static let length: PoolTime.Milliseconds = 30_000
    /// The shortest time between two samples, which limits the number of samples.
    private static let step: PoolTime.Milliseconds = 500
    /// The shortest time that gives a usable rate, in nanoseconds.
    private static let shortest = 100_000_000

    init(start: PoolTime) {
        last = Sample(time: start, done: 0, bytes: 0)
        samples = [last]
    }

    /// Notes the numbers of finished tasks and of bytes so far.
    mutating func note(done: Int, bytes: Int, at now: PoolTime) {
        let sample = Sample(time: now, done: done, bytes: bytes)
        if let newest = samples.last, now >= newest.time + Self.step { samples.append(sample) }
        while samples.count > 1, samples[1].time + Self.length <= now { samples.removeFirst() }
        last = sample
    }

    /// The tasks per second and the bytes per second.
    ///
    /// The value is `nil` until the first call of `note` at least 0.1 s after the start (`shortest`).
    var rates: (tasks: Double, bytes: Double)? {
        guard let first = samples.first, last.time - first.time >= Self.shortest else { return nil }
        let seconds = Double(last.time - first.time) / 1e9
        return (Double(last.done - first.done) / seconds, Double(last.bytes - first.bytes) / seconds)
    }
}
