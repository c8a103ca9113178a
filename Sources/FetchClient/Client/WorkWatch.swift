// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A notifier that tells the owner of a client about progress, at most twice a second.
///
/// libcurl reads from a connection as long as data arrives. Over a fast network, one call can last longer
/// than a coordinator waits for a message from its worker.
final class WorkWatch {
    /// The shortest time between two notifications, in milliseconds.
    private static let interval = 500
    /// The number of calls of `note` for each reading of the clock.
    private static let notesPerLook = 8

    /// The function that notifies the owner; `nil` if the owner wants no notifications.
    ///
    /// This function runs during a call of the client, so it must not call the client.
    var notify: (() -> Void)?
    /// Returns the time in milliseconds of a monotonic clock.
    private let clock: () -> Int
    private var notes = 0
    private var next = 0

    /// Creates a notifier; only tests pass a clock.
    init(clock: @escaping () -> Int = MonotonicClock.milliseconds) { self.clock = clock }

    /// Notes a short piece of work, such as a callback of libcurl; may call `notify`.
    func note() {
        notes &+= 1
        if notes % Self.notesPerLook == 0 { noteLong() }
    }

    /// Notes a piece of work that can last long, such as a write to a disk; may call `notify`.
    func noteLong() {
        guard let notify else { return }
        let now = clock()
        guard now >= next else { return }
        next = now + Self.interval
        notify()
    }
}
