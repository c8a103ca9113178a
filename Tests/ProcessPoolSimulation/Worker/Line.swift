// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a fake worker writes.
enum Line: Equatable {
    case hello, otherVersion, bye
    /// It lives; `isHeld` where it cannot answer because the spool is full.
    case beat(isHeld: Bool)
    case start(seq: Int), returned(seq: Int), answer(seq: Int)
    /// A line of a type that nobody knows, and lines that are no messages at all.
    case other, garbage, fatalGarbage
}
