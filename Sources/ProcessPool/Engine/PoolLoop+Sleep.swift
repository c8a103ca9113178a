// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform

// How the loop sleeps, and how it waits for the last of its children.

extension PoolLoop {
    /// In milliseconds.
    private static let longestSleep = 250
    /// The longest time from turn to turn where that is for the loop to choose, in nanoseconds: some 200 of the cheapest tasks, after
    /// which more at once buy little.
    private static let longestRound = 300_000
    /// In nanoseconds: about what a sleep costs that is not slept out.
    private static let shortestRest = 50_000

    /// Leaves the workers alone for a while where each has much to do.
    ///
    /// Being woken for every single answer of cheap tasks costs more than all the rest, the worker's side included. So the loop looks
    /// at them after a fraction of the time for which none of them needs it.
    func rest() {
        var ahead = Int.max
        for pool in pools where !pool.hasEnded { ahead = min(ahead, pool.state.workAhead) }
        guard ahead < Int.max else { return }
        let rest = min(ahead / 4, Self.longestRound) - (clockTime - now)
        if rest >= Self.shortestRest { host.rest(nanoseconds: rest) }
    }

    /// Sleeps in poll(2) until something can be read or written, or `milliseconds` have passed; −1 for ever.
    func sleep(milliseconds: Int32) {
        polled.removeAll(keepingCapacity: true)
        for pool in pools {
            for member in pool.members { member?.addPollEntries(to: &polled) }
        }
        host.sleep(&polled, milliseconds: milliseconds)
        var next = 0
        for pool in pools {
            for member in pool.members { member?.takePollResults(polled, from: &next) }
        }
    }

    /// Milliseconds until something must be looked at although nothing happens; −1 for ever.
    ///
    /// While a deadline runs it is short, so that a gap in the loop's life is seen for what it is.
    func timeout(at now: PoolTime) -> Int32 {
        var earliest = client.nextWake(after: now)
        func consider(_ time: PoolTime?) {
            guard let time else { return }
            earliest = min(earliest ?? time, time)
        }
        for pool in pools {
            consider(pool.hasEnded ? nil : pool.state.nextWake())
            for member in pool.members { consider(member?.nextWake) }
        }
        consider(watchDue)
        guard let earliest else { return -1 }
        return Int32(clamping: min(max(0, (earliest - now + 999_999) / 1_000_000), Self.longestSleep))
    }

    /// Waits for Foundation's threads to reap what has ended, since their handlers come a moment after the
    /// kernel's word.
    ///
    /// A grandchild may hold a handler up, so the wait is bounded.
    func reapRest() {
        let deadline = clockTime + 1_000
        while true {
            releaseReaped()
            guard !reaping.isEmpty, clockTime < deadline else { return }
            var none: [pollfd] = []
            host.sleep(&none, milliseconds: 50)
        }
    }
}
