// SPDX-License-Identifier: MIT
// fetchpool

/// A line that a fake worker writes.
enum Line: Equatable {
    case hello, otherVersion, bye
    /// It lives; `isHeld` where it cannot answer because the spool is full.
    case beat(isHeld: Bool)
    case start(seq: Int), returned(seq: Int), answer(seq: Int)
    /// A line of a type that nobody knows; one of a coordinator.
    case other, echo
    /// Lines that are no messages: some text, a great deal of it, an answer that cannot be read, and one whose number cannot
    /// be read either.
    case stray, flood, spoilt(seq: Int), nameless

    /// The length of a line that is no message.
    var bytes: Int {
        switch self {
        case .echo: 10
        case .stray: 6
        case .flood: 16 << 20
        case .spoilt: 9
        case .nameless: 2
        case .hello, .otherVersion, .bye, .beat, .start, .returned, .answer, .other: 0
        }
    }
}
