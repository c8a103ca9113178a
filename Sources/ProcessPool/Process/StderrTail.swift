// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The lines that a worker wrote to standard error since about its last accepted result (`forgetLines`).
///
/// The first and the last lines are kept. A crash report shows the cause in its first lines, and a failed
/// script shows the cause in its last lines. Blank lines are left out.
struct StderrTail: Sendable {
    /// The number of first lines that are kept; enough for the 16 stack frames that the Swift runtime is
    /// asked to print.
    static let firstLines = 30
    /// The number of last lines that are kept.
    static let lastLines = 10
    /// The largest number of bytes that are kept of a line.
    static let lineBytes = 500

    /// The first lines and the last lines of a text.
    private struct Kept {
        private(set) var first: [String] = []
        private(set) var last: [String] = []

        mutating func add(_ line: String) {
            guard first.count == StderrTail.firstLines else { return first.append(line) }
            last.append(line)
            if last.count > StderrTail.lastLines { last.removeFirst() }
        }

        mutating func add(_ other: Kept) {
            for line in other.first + other.last { add(line) }
        }

        var isEmpty: Bool { first.isEmpty }
    }

    /// The lines of earlier turns of the loop, with the positions that were passed to `note`.
    private var earlier: [(position: Int, lines: Kept)] = []
    private var thisTurn = Kept()
    /// The position that was passed to `note` in the last turn with lines.
    private var position = 0
    /// The line of the worker's crash handler; `nil` if there was none.
    private(set) var crashLine: CrashLine?
    private var framer = LineFramer(maxLineBytes: 64 << 10)

    /// The kept lines, in order.
    var tail: [String] {
        var all = Kept()
        for turn in earlier { all.add(turn.lines) }
        all.add(thisTurn)
        return all.first + all.last
    }

    /// True if the lines show that the worker has run out of memory.
    ///
    /// The runtimes of Swift, C++ and Python report this in their last three lines. After these lines, Python
    /// may print a dump of its stack, because `WorkerEnvironment` asks for it. The message of Rust is one
    /// line, and a backtrace may follow it.
    var showsLackOfMemory: Bool {
        let lines = tail
        let dump = lines.lastIndex { $0.hasPrefix("Fatal Python error: ") }
        let last = dump.map { lines[...$0].suffix(4) } ?? lines.suffix(3)
        let words = ["failed to allocate", "bad_alloc", "MemoryError"]
        return last.contains { line in words.contains { line.contains($0) } }
            || lines.contains { $0.hasPrefix("memory allocation of ") && $0.contains(" bytes failed") }
    }

    /// Notes that a turn of the loop begins.
    mutating func beginTurn() {
        guard !thisTurn.isEmpty else { return }
        // A worker that writes many lines and no results must not fill the memory.
        if let last = earlier.last, earlier.count >= Self.mostTurns {
            earlier[earlier.count - 1].lines.add(thisTurn)
            earlier[earlier.count - 1].position = max(position, last.position)
        } else {
            earlier.append((position, thisTurn))
        }
        thisTurn = Kept()
    }

    /// Notes the number of bytes of output that the worker had produced when this turn read standard error.
    ///
    /// Call this function in each turn after the lines were read, and before results are read.
    mutating func note(position: Int) {
        if !thisTurn.isEmpty { self.position = position }
    }

    /// Removes the lines of earlier turns whose position is before `end`, the position after the last
    /// accepted result.
    ///
    /// The removed lines probably belong to finished tasks. Positions and not times are compared, because a
    /// worker may write results late (`OutputTail`). The lines of this turn stay, because they may belong to
    /// the next task: their position was noted before the results of this turn were read.
    mutating func forgetLines(before end: Int) {
        // The check of `isEmpty` saves time: this function is called for each turn with results, and few
        // workers write to standard error.
        if !earlier.isEmpty { earlier.removeAll { $0.position < end } }
    }

    /// The most earlier turns whose lines are stored separately.
    private static let mostTurns = 40

    /// Adds bytes that were read; returns the lines that these bytes complete, at most 500 bytes of each.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        framer.append(bytes)
        var new: [String] = []
        while let line = framer.next() { new.append(keep(line)) }
        return new
    }

    /// Adds the text after the last line feed, and returns it; `nil` if there is none.
    mutating func finish() -> String? {
        framer.finish().map { keep($0) }
    }

    private mutating func keep(_ line: LineFramer.Line) -> String {
        let range =
            switch line {
            case .whole(let range), .tooLong(let range): range
            }
        let text = String(decoding: framer.bytes[range].prefix(Self.lineBytes), as: UTF8.self)
        add(text)
        return text
    }

    /// Adds one line, unless it is blank or about the missing backtracer.
    ///
    /// A crash line is stored only in `crashLine`.
    mutating func add(_ text: String) {
        if let line = CrashLine(text) {
            // The record of a crash has separate members for the content of this line.
            crashLine = line
        } else if !text.hasPrefix(Self.missingBacktracer), !text.utf8.allSatisfy({ $0 <= 0x20 }) {
            thisTurn.add(text)
        }
    }

    /// The beginning of a message that a statically linked Swift runtime prints if backtraces are on.
    ///
    /// The message does not concern the task: the program for backtraces is missing.
    private static let missingBacktracer = "swift runtime: unable to locate swift-backtrace"
}

/// The line that a worker with the library `PoolWorker` writes to standard error when it crashes.
///
/// Its form is `worker-died signal=11 errno=12 data_kb=245760 limit_kb=262144 hwm_kb=250112`.
struct CrashLine: Hashable, Sendable {
    /// The highest resident memory in KiB; `nil` if it is not known.
    let peakRSSKB: Int?
    /// True if the worker died for lack of memory: errno was ENOMEM, or the worker used at least 95 % of its
    /// limit.
    let isOutOfMemory: Bool

    /// Reads a crash line; returns `nil` for any other line.
    init?(_ text: String) {
        guard text.hasPrefix("worker-died ") else { return nil }
        var numbers: [Substring: Int] = [:]
        for word in text.split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]) else { return nil }
            numbers[parts[0]] = number
        }
        guard numbers["signal"] != nil else { return nil }
        peakRSSKB = numbers["hwm_kb"].flatMap { $0 > 0 ? $0 : nil }
        let (data, limit) = (numbers["data_kb"] ?? 0, numbers["limit_kb"] ?? 0)
        // ENOMEM of errno(3) is 12 on every Linux.
        isOutOfMemory = numbers["errno"] == 12 || (limit > 0 && data >= limit / 100 * 95)
    }
}
