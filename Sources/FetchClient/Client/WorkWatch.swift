// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Lets the owner of a client speak while a single call of the client takes long.
///
/// libcurl follows a connection for as long as it brings something, which over a fast network may be longer than a coordinator
/// waits for a beat. So what happens meanwhile is noted here, and every few times the clock is looked at.
final class WorkWatch {
    /// The time for which the owner waits between two calls at least, in milliseconds.
    private static let interval = 500
    /// The clock is looked at once in so many notes.
    private static let notesPerLook = 8

    /// Called from inside a call of the client, and does not call it.
    var notify: (() -> Void)?
    private var notes = 0
    private var next = 0

    /// Notes that work goes on.
    func note() {
        notes &+= 1
        guard notes % Self.notesPerLook == 0, let notify else { return }
        let now = MonotonicClock.milliseconds()
        guard now >= next else { return }
        next = now + Self.interval
        notify()
    }
}
