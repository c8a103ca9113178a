// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a fake worker writes.
enum Line: Equatable {
    case hello, otherVersion, bye
    /// The worker is alive; `isHeld` is true if the worker cannot send results because the spool is full.
    case beat(isHeld: Bool)
    case start(seq: Int), returned(seq: Int), result(seq: Int)
    /// A message of an unknown type, and a copy of the first line that the coordinator sent.
    case other, echo
    /// A part of a line that is not complete yet.
    case part
    /// Lines that are not messages: text, a very long text, an unreadable result, and an unreadable result
    /// without a number.
    case stray, flood, spoilt(seq: Int), nameless

    /// The length in bytes of an `echo`, or of a line that is not a message; 0 for any other line.
    var bytes: Int {
        switch self {
        case .echo: 10
        case .stray: 6
        case .flood: 16 << 20
        case .spoilt: 9
        case .nameless: 2
        case .hello, .otherVersion, .bye, .beat, .start, .returned, .result, .other, .part: 0
        }
    }
}
