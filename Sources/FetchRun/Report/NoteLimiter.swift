// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// A limit of ten shown notes per second for each worker; further notes are held back and counted.
struct NoteLimiter: Sendable {
    private struct Window {
        var second = -1
        var shown = 0
        var held = 0
    }

    private static let perSecond = 10
    private var windows: [String: Window] = [:]

    /// Returns true if a note of `worker` may be shown now, and the number of notes to report as held back.
    ///
    /// The number is above 0 only for the first note of a worker in a second. It counts the notes that were
    /// held back and not yet reported.
    mutating func admit(_ worker: String, at now: PoolTime) -> (isShown: Bool, heldBack: Int) {
        var window = windows[worker] ?? Window()
        let second = now.nanoseconds / 1_000_000_000
        var heldBack = 0
        if window.second != second {
            heldBack = window.held
            window = Window(second: second)
        }
        let isShown = window.shown < Self.perSecond
        if isShown { window.shown += 1 } else { window.held += 1 }
        windows[worker] = window
        return (isShown, heldBack)
    }
}
