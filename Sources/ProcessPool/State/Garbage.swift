// SPDX-License-Identifier: MIT
// fetchpool

/// What a worker printed since its last answer that is no message.
struct Garbage: Sendable {
    private static let mostBytes = 64 << 20
    private static let mostLines = 100_000

    private(set) var lines = 0
    private var bytes = 0
    private var candidate = Candidate.none

    /// A line that may have been meant as an answer; it lies elsewhere, for a worker's slot is copied often.
    private enum Candidate: Sendable {
        case none
        indirect case some(UnusableLine)
    }

    /// The line that is most likely to have been meant as an answer: the first that begins like one, else the first.
    var suspicious: UnusableLine? {
        if case .some(let line) = candidate { line } else { nil }
    }

    var isEmpty: Bool { lines == 0 }

    /// True for a worker that has printed more than any worker does by mistake.
    var isFlood: Bool { bytes > Self.mostBytes || lines >= Self.mostLines }

    /// For the record of a task that the worker printed so much over.
    var complaint: String { "its worker printed \(lines) lines, \(bytes) bytes, and no answer" }

    mutating func add(_ line: UnusableLine) {
        lines += 1
        bytes += line.bytes
        if suspicious.map({ line.isAnswerLike && !$0.isAnswerLike }) ?? true { candidate = .some(line) }
    }
}
