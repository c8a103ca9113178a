// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import HTMLTokens
import SimulationSupport

/// A check that the time to read a page of repeated pieces grows linearly with the size of the page.
enum LongPage {
    /// Reads a page of about 64 KiB and a page of about 512 KiB, and returns the fault; `nil` if there is
    /// none.
    static func fault(using generator: inout SeededGenerator) -> String? {
        let head = (0..<generator.pick(0...3)).map { _ in generator.pick(RandomPage.pieces) }.joined()
        let piece = (0..<generator.pick(1...3)).map { _ in generator.pick(RandomPage.pieces) }.joined()
        let tail = (0..<generator.pick(1...2)).map { _ in generator.pick(RandomPage.pieces) }.joined()
        func page(_ size: Int) -> [UInt8] {
            let (pieces, tails) = (size / 2 / max(piece.utf8.count, 1), size / 2 / max(tail.utf8.count, 1))
            return Array(
                (head + String(repeating: piece, count: pieces) + String(repeating: tail, count: tails)).utf8
            )
        }
        let (short, long) = (time(page(64 << 10)), time(page(512 << 10)))
        // For eight times the size, 24 times the time is allowed. A time under 60 ms is always allowed.
        guard long < .milliseconds(60) || long < short * 24 else {
            return "\(head)…\(piece)…\(tail): \(short) for 64 KiB, \(long) for 512 KiB"
        }
        return nil
    }

    /// Returns the shortest CPU time of three readings.
    ///
    /// The time of other processes does not count.
    private static func time(_ page: [UInt8]) -> Duration {
        var shortest = Duration.seconds(1_000)
        for _ in 0..<3 {
            let start = clock()
            _ = EventTrace.fault(of: page.span, noscript: .markup)
            // The unit of clock() is a microsecond (POSIX).
            shortest = min(shortest, .microseconds(clock() - start))
        }
        return shortest
    }
}
