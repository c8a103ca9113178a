// SPDX-License-Identifier: MIT
// fetchpool

/// What a worker printed since its last answer that is no message.
struct Garbage: Sendable {
    private static let mostBytes = 64 << 20
    private static let mostLines = 100_000

    private(set) var lines = 0
    private var bytes = 0
    /// The line that is most likely to have been meant as an answer: the first that begins like one, else the first.
    private(set) var suspicious: UnusableLine?

    var isEmpty: Bool { lines == 0 }

    /// True for a worker that has printed more than any worker does by mistake.
    var isFlood: Bool { bytes > Self.mostBytes || lines >= Self.mostLines }

    /// For the record of a task that the worker printed so much over.
    var complaint: String { "its worker printed \(lines) lines, \(bytes) bytes, and no answer" }

    mutating func add(_ line: UnusableLine) {
        lines += 1
        bytes += line.bytes
        if suspicious == nil || (line.isAnswerLike && suspicious?.isAnswerLike == false) { suspicious = line }
    }
}
