// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import ProcessPool

/// A console that shows the messages and the progress display of a run on standard error.
///
/// Writing to a terminal can block. The pool thread must not block, so it only adds entries to a queue. The
/// thread that started the run writes these entries.
final class Console: @unchecked Sendable {
    /// A function that returns the lines of the progress display for a terminal's size and style.
    typealias Display = @Sendable (TerminalSize, TerminalStyle) -> [ScreenLine]

    // `monitor` guards these properties, which makes the class safe to share.
    private let monitor = Monitor()
    private var entries: [LogEntry] = []
    private var display: Display?
    private var isChanged = false
    private var isOver = false
    private var isServed = false
    private var dropped = 0
    /// The number of writes that have ended.
    private var writes = 0

    /// The form of the lines of messages.
    let format: LogFormat
    private let screen: Screen

    /// The number of waiting entries at which `say` drops further entries, except errors and the summary.
    private static let limit = 1_000
    /// The shortest time between two writes to a terminal until `finish` is called, in nanoseconds.
    private static let pause = 100_000_000
    /// The longest wait for one write to a pipe or socket, at the end of a run, in nanoseconds.
    private static let patience = 10_000_000_000

    init(_ format: LogFormat = .text, on screen: Screen = Screen()) {
        (self.format, self.screen) = (format, screen)
    }

    /// True if standard error is a terminal on which the console can draw the progress display.
    var isTerminal: Bool { screen.isTerminal }

    /// Adds a message; drops it if too many entries wait, unless it is an error.
    func say(_ line: String, _ level: LogEntry.Level = .info) {
        say(LogEntry(level: level, kind: level == .error ? .error : .note, text: line))
    }

    /// Adds an entry; drops it if too many entries wait, unless it is an error or the summary.
    func say(_ entry: LogEntry) {
        monitor.withLock {
            guard entries.count < Self.limit || entry.kind == .error || entry.kind == .summary else {
                dropped += 1
                return
            }
            entries.append(entry)
            monitor.signal()
        }
    }

    /// Replaces the progress display; `nil` removes it.
    func show(_ display: Display?) {
        monitor.withLock {
            (self.display, isChanged) = (display, true)
            monitor.signal()
        }
    }

    /// Makes `serve` return once everything is written.
    func finish() {
        monitor.withLock {
            isOver = true
            monitor.signal()
        }
    }

    /// Writes everything that is added, until `finish` is called and nothing is left.
    func serve() {
        while true {
            let (now, shown, isLast) = monitor.withLock { () -> ([LogEntry], Display?, Bool) in
                while entries.isEmpty, !isChanged, !isOver { monitor.wait() }
                if dropped > 0 {
                    let what = dropped == 1 ? "1 message was" : "\(dropped) messages were"
                    entries.append(LogEntry(level: .warning, text: "(\(what) dropped)"))
                }
                defer { (entries, isChanged, dropped) = ([], false, 0) }
                return (entries, display, isOver && !isChanged)
            }
            screen.write(now.flatMap { $0.lines(format) }, shown)
            noteWrite()
            if isLast, now.isEmpty { break }
        }
        monitor.withLock {
            isServed = true
            monitor.broadcast()
        }
    }

    /// Counts a write; on a terminal, also waits until the next write may come.
    private func noteWrite() {
        monitor.withLock {
            writes += 1
            guard screen.isTerminal else { return }
            let next = MonotonicClock.nanoseconds() + Self.pause
            while !isOver, monitor.wait(until: next) {}
        }
    }

    /// Waits until everything is written, or `givesUp` returns true.
    ///
    /// A pipe or socket is given up after 10 s in which no write has ended.
    ///
    /// - Returns: `true` if everything was written.
    func waitUntilServed(orUntil givesUp: () -> Bool) -> Bool {
        monitor.withLock {
            var (seen, since) = (writes, MonotonicClock.nanoseconds())
            while !isServed {
                if givesUp() { return false }
                let now = MonotonicClock.nanoseconds()
                if writes != seen { (seen, since) = (writes, now) }
                if screen.isPipe, now - since >= Self.patience { return false }
                _ = monitor.wait(until: now + Self.pause)
            }
            return true
        }
    }

    /// Removes the progress display, calls `body`, and draws the display again.
    func aside<Result>(_ body: () -> Result) -> Result { screen.aside(body) }
}
