// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform

/// A console that shows the messages and the progress line of a run on standard error.
///
/// Writing to a terminal can block. The pool thread must not block, so it only adds texts to a queue. The
/// thread that started the run writes these texts.
final class Console: @unchecked Sendable {
    // `condition` guards everything below, which makes the class safe to share.
    private let condition = NSCondition()
    private var lines: [String] = []
    private var progress: ProgressText?
    private var isOver = false
    private var isServed = false
    private var shownProgress = false
    private var dropped = 0

    /// The largest number of lines that wait while writing to the terminal blocks.
    private static let limit = 1_000

    /// Adds a line, or drops it if too many lines wait.
    func say(_ line: String) {
        condition.lock()
        defer { condition.unlock() }
        guard lines.count < Self.limit else {
            dropped += 1
            return
        }
        lines.append(line)
        condition.signal()
    }

    /// Replaces the progress line; `ProgressText.none` removes it.
    func show(progress text: ProgressText) {
        condition.lock()
        progress = text
        condition.signal()
        condition.unlock()
    }

    /// Makes `serve` return once everything added so far is written.
    func finish() {
        condition.lock()
        isOver = true
        condition.signal()
        condition.unlock()
    }

    /// Writes everything that is added, until `finish` is called and nothing is left.
    func serve() {
        while true {
            condition.lock()
            while lines.isEmpty, progress == nil, !isOver { condition.wait() }
            let (now, line, isLast) = (lines, progress, isOver)
            if dropped > 0 { lines = ["(\(dropped) lines were dropped)"] } else { lines = [] }
            (progress, dropped) = (nil, 0)
            condition.unlock()
            write(now, line)
            if isLast, now.isEmpty, line == nil { break }
        }
        condition.lock()
        isServed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until everything is written and `serve` is about to return.
    ///
    /// - Returns: `false` if `givesUp` returned true before the end of the wait.
    func waitUntilServed(orUntil givesUp: () -> Bool) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isServed {
            if givesUp() { return false }
            _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
        }
        return true
    }

    private func write(_ new: [String], _ progress: ProgressText?) {
        var text = ""
        let isOurs = progress == nil && !shownProgress || Terminal.mayDraw(on: 2)
        // In the background, the line on the screen belongs to the shell.
        if !isOurs { shownProgress = false }
        // The width is read each time, because a window can change its size.
        let line = isOurs ? progress?.text(columns: Terminal.columns(of: 2)) : nil
        if shownProgress, !new.isEmpty || line != nil { text += "\r\u{1B}[K" }
        for entry in new { text += Self.printable(entry) + "\n" }
        if !new.isEmpty { shownProgress = false }
        if let line {
            text += line
            shownProgress = !line.isEmpty
        }
        guard !text.isEmpty else { return }
        FileHandle.standardError.writeQuietly(text)
    }

    /// Returns the text with U+FFFD in place of each unsafe character.
    ///
    /// Unsafe characters control a terminal, change the order of text, separate lines, or represent bytes
    /// that are not UTF-8. A message from a server or a parser could use such characters to control the
    /// user's terminal. A tab is safe.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { steers($0) ? "\u{FFFD}" : $0 }))
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        // C0, DEL and C1: terminals take U+009B for the beginning of a control sequence.
        case 0...0x1F, 0x7F...0x9F: true
        // Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9); line and
        // paragraph separators.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        // Scalars that represent the non-UTF-8 bytes of a file name.
        case 0x10FF80...0x10FFFF: true
        default: false
        }
    }
}

extension FileHandle {
    /// Writes a text; an error is ignored, because no other place is left to report it.
    func writeQuietly(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = writeSome(bytes.span.extracting(written...), to: fileDescriptor)
            guard count > 0 else { return }
            written += count
        }
    }
}
