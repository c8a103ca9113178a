// SPDX-License-Identifier: MIT
// fetchpool

/// The unusable lines of a worker since its last result.
struct Garbage: Sendable {
    private static let mostBytes = 64 << 20
    private static let mostLines = 100_000

    private(set) var lines = 0
    private var bytes = 0
    private var candidate = Candidate.none

    /// A line that may have been meant as a result.
    ///
    /// The line is stored indirectly, because a worker's slot is copied often.
    private enum Candidate: Sendable {
        case none
        indirect case some(UnusableLine)
    }

    /// The line that was most probably meant as a result; `nil` if there is no line.
    ///
    /// The value is the first line that begins like a result, or else the first line.
    var suspicious: UnusableLine? {
        if case .some(let line) = candidate { line } else { nil }
    }

    var isEmpty: Bool { lines == 0 && bytes == 0 }

    /// True if the lines together have more than 64 MiB, or if there are at least 100,000 lines.
    var isFlood: Bool { bytes > Self.mostBytes || lines >= Self.mostLines }

    /// The error message for a task whose worker printed too much.
    var complaint: String { "its worker \(printed), and no result" }

    /// The reason for ending a worker that printed too much before its first line, as a sentence without its
    /// subject.
    var account: String { "\(printed), and no message of the worker protocol" }

    private var printed: String {
        "printed \(lines) \(lines == 1 ? "line" : "lines"), \(bytes) bytes"
    }

    mutating func add(_ line: UnusableLine) {
        if !line.isFurtherPart { lines += 1 }
        bytes += line.bytes
        if suspicious.map({ line.isResultLike && !$0.isResultLike }) ?? true { candidate = .some(line) }
    }
}
