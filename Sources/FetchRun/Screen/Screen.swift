// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import ProcessPool

/// Standard error, the destination of messages and of the progress display.
///
/// Two threads can write to the terminal: the thread of `Console.serve`, and the output thread by `aside`.
final class Screen: @unchecked Sendable {
    // `lock` guards `block`, `display` and `continuations`, so the class is safe to share.
    private let lock = NSLock()
    private var block = TerminalBlock()
    /// The display that was passed to the last call of `write`; `nil` for none.
    private var display: Console.Display?
    /// The value of `SignalWatch.continuations` when the display was last drawn or removed.
    private var continuations = 0

    private static let descriptor: Int32 = 2
    /// The style of the terminal; `nil` if lines cannot be drawn in place.
    private let style: TerminalStyle?
    /// True if the screen is a pipe or a socket.
    let isPipe: Bool

    /// Creates a screen; without a style, the screen does not show the display.
    init(style: TerminalStyle? = nil) {
        self.style = style
        let status = OpenFolder.status(of: Self.descriptor)
        isPipe = status?.isPipe == true || status?.isSocket == true
    }

    /// True if the screen is a terminal on which the display is drawn in place.
    var isTerminal: Bool { style != nil }

    /// Writes lines, which have no line feeds; if `isTerminal` is true, also draws the display below them.
    func write(_ lines: [String], _ display: Console.Display?) {
        lock.lock()
        defer { lock.unlock() }
        self.display = display
        guard let style else {
            guard !lines.isEmpty else { return }
            return put(lines.map { $0 + "\n" }.joined())
        }
        draw(below: lines, style)
    }

    /// Removes the display, lets `body` write complete lines to the terminal, and draws the display again
    /// below these lines.
    ///
    /// If the screen does not show the display, the function only calls `body`.
    func aside<Result>(_ body: () -> Result) -> Result {
        guard let style else { return body() }
        lock.lock()
        defer { lock.unlock() }
        handleContinuation()
        put(block.erase(on: Terminal.size(of: Self.descriptor)))
        let result = body()
        draw(below: [], style)
        return result
    }

    private func draw(below lines: [String], _ style: TerminalStyle) {
        handleContinuation()
        // While the run is in the background, other programs write to the terminal. So the place of the lines
        // of the display is no longer known.
        let isOurs = Terminal.mayDraw(on: Self.descriptor)
        if !isOurs { block.forget() }
        // The size is read each time, because a window can change its size.
        let size = Terminal.size(of: Self.descriptor)
        let drawn = isOurs ? display?(size, style) ?? [] : []
        put(block.draw(drawn, below: lines, on: size, hasColors: style.hasColors))
        block.wasDrawn(on: Terminal.size(of: Self.descriptor))
        SignalWatch.clearsScreen(block.isShown)
    }

    /// Forgets the display's lines on the screen if the run was stopped (Ctrl-Z) and continued since the last
    /// call.
    ///
    /// The shell has then written below these lines.
    private func handleContinuation() {
        let count = SignalWatch.continuations
        if count != continuations { block.forget() }
        continuations = count
    }

    private func put(_ text: String) {
        guard !text.isEmpty else { return }
        FileHandle.standardError.writeQuietly(text)
    }
}

extension FileHandle {
    /// Writes a text; an error is ignored, because no other place is left to report it.
    func writeQuietly(_ text: String) {
        let bytes = Array(text.utf8)
        _ = writeAll(bytes.span, to: fileDescriptor)
    }
}
