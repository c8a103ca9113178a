// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform

/// What a run tells its user, written to standard error by the thread that started the run.
///
/// A terminal may stand still; the pool thread must not, so it only leaves texts here.
final class Console: @unchecked Sendable {
    // `condition` guards everything below; that makes the class safe to share.
    private let condition = NSCondition()
    private var lines: [String] = []
    private var progress: ProgressText?
    private var isOver = false
    private var isServed = false
    private var shownProgress = false
    private var dropped = 0

    /// Lines that may wait while the terminal stands still.
    private static let limit = 1_000

    /// Adds a line.
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

    /// Replaces the progress line; `none` takes it away.
    func show(progress text: ProgressText) {
        condition.lock()
        progress = text
        condition.signal()
        condition.unlock()
    }

    /// Says that nothing more comes.
    func finish() {
        condition.lock()
        isOver = true
        condition.signal()
        condition.unlock()
    }

    /// Writes what comes until `finish`.
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

    /// Waits until all is written, and `serve` is about to return; `false` once `givesUp` says that this has lasted too long.
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
        // The shell has its own line by then.
        if !isOurs { shownProgress = false }
        // Asked each time, since windows change their size.
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

    /// Without characters that steer a terminal or the order of text: what a server or a parser says must not do so.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { steers($0) ? "\u{FFFD}" : $0 }))
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        // C0, DEL and C1: terminals take U+009B for the beginning of a sequence.
        case 0...0x1F, 0x7F...0x9F: true
        // Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9), and the line and paragraph separators.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        // Bytes of file names that are no UTF-8.
        case 0x10FF80...0x10FFFF: true
        default: false
        }
    }
}

extension FileHandle {
    /// Writes a text and lets go of it where nobody reads: there is nowhere left to complain.
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
