// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// What a worker wrote to standard error over the task in hand, for the record of its death: the first and the last
/// lines, since a crash says what happened in its first and a script in its last.
///
/// Blank lines are left out.
struct StderrTail: Sendable {
    /// The first lines that are kept: so many that the frames of a Swift crash, as far as the runtime is asked for them, are among
    /// them.
    static let firstLines = 30
    /// The last lines that are kept.
    static let lastLines = 10
    /// Bytes kept of a line.
    static let lineBytes = 500

    /// Some first and some last lines.
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

    private var earlier = Kept()
    private var thisTurn = Kept()
    /// What the worker's crash handler said of its memory; `nil` if it said nothing.
    private(set) var crashLine: CrashLine?
    private var framer = LineFramer(maxLineBytes: 64 << 10)

    /// The lines kept, in order.
    var tail: [String] {
        var all = earlier
        all.add(thisTurn)
        return all.first + all.last
    }

    /// Notes that a turn of the loop begins.
    mutating func beginTurn() {
        guard !thisTurn.isEmpty else { return }
        earlier.add(thisTurn)
        thisTurn = Kept()
    }

    /// Forgets what was written over tasks that are answered.
    ///
    /// What was read in this turn stays: standard error is read first, so it may belong to the task after them.
    mutating func forgetEarlierTurns() {
        // Called for each answer, of which nearly all come from workers that wrote nothing.
        if !earlier.isEmpty { earlier = Kept() }
    }

    /// Takes bytes that were read; returns the lines they end.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        framer.append(bytes)
        var new: [String] = []
        while let line = framer.next() { new.append(keep(line)) }
        return new
    }

    /// Takes what stood after the last line feed.
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

    /// Adds a line that its coordinator has to say of it.
    mutating func add(_ text: String) {
        if let line = CrashLine(text) {
            // It is for us: the record says the same in its own members.
            crashLine = line
        } else if !text.hasPrefix(Self.missingBacktracer), !text.utf8.allSatisfy({ $0 <= 0x20 }) {
            thisTurn.add(text)
        }
    }

    /// What Swift's runtime says at its start where it was linked statically and is asked for backtraces: it has no program
    /// that could make them, which is nothing about the task.
    private static let missingBacktracer = "swift runtime: unable to locate swift-backtrace"
}

/// The line that a worker of ours writes to standard error as it dies:
/// `worker-died signal=11 errno=12 data_kb=245760 limit_kb=262144 hwm_kb=250112`.
struct CrashLine: Hashable, Sendable {
    /// The most memory it held resident, in KiB; `nil` if it could not tell.
    let peakRSSKB: Int?
    /// Whether it died for want of memory: its last system call failed with ENOMEM, or it held 95 % of its limit.
    let isOutOfMemory: Bool

    /// Reads the line; `nil` if it is another.
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
